import type { LogRecord } from '../../devices/log.ts';
import type { Page } from './frame.ts';
import { html } from './html.ts';
import { logList } from './status-page.ts';

/** For whoever is not let in. Says how the owner enters, and nothing of the appliance but whether it has one. */
export function strangerPage(host: string, options: { hasOperators: boolean; hint?: string }): Page {
  const how = options.hasOperators
    ? html`<p>On the computer that holds your operator key, run:</p>
        <p><code>lares open ${host}</code></p>
        <p>It prints a link that is good once, for a minute.</p>`
    : html`<p>Nobody may enter yet, since its configuration names no operator.</p>
        <p>
          Run <code>lares keys create</code>, put the line that it prints under <code>[operator] keys</code>,
          and start again.
        </p>`;
  return {
    title: 'Lares',
    subtitle: 'an appliance',
    isOperator: false,
    body: html`<section class="state starting center">
      <h1>${options.hint ?? 'Who is there?'}</h1>
      ${how}
    </section>`,
  };
}

/** After a good log-in link. The page moves on by itself: the next request is then one from our own page. */
export function welcomePage(operatorName: string): Page {
  return {
    title: 'Welcome · Lares',
    subtitle: 'an appliance',
    isOperator: false,
    head: html`<meta http-equiv="refresh" content="0; url=/status" />`,
    body: html`<section class="state ready center">
      <h1>Welcome, ${operatorName}</h1>
      <p><a href="/status">On to the status page</a></p>
    </section>`,
  };
}

/** Lines that an open page keeps. */
const LINES_SHOWN_MAX = 2_000;

const FOLLOW_SCRIPT = `
const list=document.querySelector('.log'),says=document.querySelector('#follow');
const source=new EventSource('/logs');
source.onopen=()=>{says.textContent='live'};source.onerror=()=>{says.textContent='not connected; trying again'};
const part=(name,text,className)=>{const e=document.createElement(name);e.textContent=text;if(className)e.className=className;return e};
source.onmessage=event=>{const {time,level,message,...fields}=JSON.parse(event.data);
const item=document.createElement('li');item.className=level;
item.append(part('time',time.slice(5,19).replace('T',' ')),part('b',message),' ',part('span',
Object.entries(fields).map(([k,v])=>k+'='+(typeof v==='string'?v:JSON.stringify(v))).join(' '),'fields'));
list.prepend(item);while(list.childElementCount>${LINES_SHOWN_MAX})list.lastElementChild.remove()};
`;

export function logsPage(service: string, records: readonly LogRecord[]): Page {
  return {
    title: 'Log · Lares',
    subtitle: service,
    isOperator: true,
    script: FOLLOW_SCRIPT,
    body: html`<section class="card">
      <h2>Log, newest first · <span id="follow">not live</span></h2>
      ${logList(records)}
      <p><a href="/logs/kept" download="lares.ndjson">Everything kept, as a file</a></p>
    </section>`,
  };
}
