import { formatFields } from '../logs/record-text.ts';
import type { StatusSection } from '../service.ts';
import type { StatusReport } from '../status/report.ts';
import { formatFingerprint } from './certificate.ts';
import { formatBytes, formatClock, formatDuration } from './format.ts';
import { PARSE_PAGE, type Page } from './frame.ts';
import { html, type Html } from './html.ts';

/** How often an open page looks for news: enough for a person, nothing for the appliance. */
const REFRESH_MS = 10_000;

/** Takes the new page's main part into this one; what the reader opened stays open. Pauses while nobody looks. */
const REFRESH_SCRIPT = `${PARSE_PAGE}
setInterval(async()=>{if(document.hidden)return;try{
const r=await fetch('/status',{headers:{accept:'text/html'}});if(!r.ok){if(r.status===403)location.reload();return}
const d=parsePage(await r.text());
const open=[...document.querySelectorAll('details[open]')].map(e=>e.id);
document.querySelector('main').replaceChildren(...d.querySelector('main').childNodes);
document.title=d.title;
for(const id of open)document.getElementById(id)?.setAttribute('open','');
}catch{document.querySelector('.state')?.classList.add('faulty');
const h=document.querySelector('.state h1');if(h)h.lastChild.textContent='The appliance does not answer';}},${REFRESH_MS});
`;

export function statusPage(report: StatusReport): Page {
  return {
    title: `${titleOf(report)} · ${report.machine.hostname}`,
    subtitle: report.service,
    isOperator: true,
    script: REFRESH_SCRIPT,
    footer: 'This page renews itself every ten seconds.',
    body: html`${stateCard(report)}
      <div class="cards">
        ${report.sections.map(sectionCard)} ${resourcesCard(report)}
        ${card('Machine', rows(machineRows(report)))}
        ${report.nextSteps.length > 0 ? nextStepsCard(report) : undefined} ${protectionCard(report)}
      </div>
      ${logCard(report)}`,
  };
}

function titleOf({ state, reasons, configurationFaults }: StatusReport): string {
  if (configurationFaults.length > 0) return 'The configuration is faulty';
  switch (state) {
    case 'starting':
      return 'Starting';
    case 'ready':
      return 'All is well';
    case 'degraded':
      return reasons.length === 1 ? 'One thing is wrong' : `${reasons.length} things are wrong`;
    case 'stopping':
      return 'Stopping';
  }
}

function subtitleOf({ state, machine, configurationFaults }: StatusReport): string {
  const up = `up for ${formatDuration(machine.uptimeSeconds)}`;
  if (configurationFaults.length > 0) return `The service is not started, and nothing is lost; ${up}.`;
  return state === 'ready' ? `Nothing needs you; ${up}.` : `${machine.hostname}, ${up}.`;
}

/** What is wrong comes first, in words. */
function stateCard(report: StatusReport): Html {
  const faults = report.configurationFaults;
  const tone = faults.length > 0 ? 'faulty' : report.state;
  const faultItems = faults.map(fault => html`<li class="mono">${fault}</li>`);
  const reasons = report.reasons
    .filter(({ key }) => key !== 'configuration')
    .map(({ reason, sinceMs }) => html`<li>${reason}<small>since ${formatClock(sinceMs)}</small></li>`);
  const links = report.urls.map(url => html`<a href="${url}" rel="noreferrer">${url}</a>`);
  return html`<section class="state ${tone}">
    <h1><span class="dot"></span><span>${titleOf(report)}</span></h1>
    <p class="quiet">${subtitleOf(report)}</p>
    ${
      faultItems.length + reasons.length > 0
        ? html`<ul>
            ${faultItems}${reasons}
          </ul>`
        : undefined
    }
    ${links.length > 0 ? html`<div class="links">${links}</div>` : undefined}
  </section>`;
}

function sectionCard({ title, rows: pairs, links = [] }: StatusSection): Html {
  const items = links.map(({ text, href }) => html`<a href="${href}">${text}</a>`);
  return card(
    title,
    html`${rows(pairs)}${items.length > 0 ? html`<div class="links">${items}</div>` : undefined}`,
  );
}

function card(title: string, body: Html): Html {
  return html`<section class="card">
    <h2>${title}</h2>
    ${body}
  </section>`;
}

function rows(pairs: readonly (readonly [string, string])[]): Html {
  return html`<dl>
    ${pairs.map(
      ([label, value]) =>
        html`<dt>${label}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

function machineRows({ machine, timeMs, configurationOrigin }: StatusReport): (readonly [string, string])[] {
  const { boot } = machine;
  return [
    ['Name', machine.hostname],
    ['Addresses', machine.addresses.join(', ') || 'none'],
    ['Up for', formatDuration(machine.uptimeSeconds)],
    ['Clock', formatClock(timeMs)],
    ['Kernel', machine.kernel],
    ['Runtime', machine.runtime],
    ...(boot ? ([['Image', `${boot.version}, slot ${boot.slot}`]] as const) : []),
    ...(boot?.lastFault ? ([['Last fault', boot.lastFault]] as const) : []),
    ...machine.faults.map(fault => ['Noted', fault] as const),
    ['Configuration', configurationOrigin],
  ];
}

function resourcesCard({ machine, disk }: StatusReport): Html {
  const { totalBytes, availableBytes } = machine.memory;
  const memory = bar('Memory', totalBytes - availableBytes, totalBytes);
  const volume = disk && bar('Data volume', disk.totalBytes - disk.freeBytes, disk.totalBytes);
  const days = disk?.daysUntilFull;
  const forecast =
    days === undefined || days > 365
      ? undefined
      : html`<p>At this rate the volume is full in ${Math.floor(days)} days.</p>`;
  return card('Resources', html`${memory}${volume}${forecast}`);
}

function bar(label: string, used: number, total: number): Html {
  const share = total > 0 ? Math.min(1, used / total) : 0;
  const tone = share > 0.95 ? 'full' : share > 0.8 ? 'high' : 'fine';
  const percent = Math.round(share * 100);
  return html`<div class="bar">
    <p><span>${label}</span><span>${formatBytes(used)} of ${formatBytes(total)}</span></p>
    <svg
      class="${tone}"
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      role="img"
      aria-label="${label}: ${percent} % used"
    >
      <rect width="${percent}" height="1" />
    </svg>
  </div>`;
}

function nextStepsCard({ nextSteps }: StatusReport): Html {
  const items = nextSteps.map(({ title, how }) => html`<li><b>${title}</b>${withCode(how)}</li>`);
  return card(
    'Next steps',
    html`<ul class="steps">
      ${items}
    </ul>`,
  );
}

/** `code` between backquotes. */
function withCode(text: string): Html[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function protectionCard({ machine, fingerprint, operators }: StatusReport): Html {
  const filtered = machine.tasks.filter(task => task.seccomp === 2).length;
  const seccomp =
    filtered === 0
      ? 'not filtered: a plain process'
      : `filtered on ${filtered} of ${machine.tasks.length} tasks`;
  const tasks = machine.tasks.map(
    ({ id, seccomp, capabilities }) =>
      html`<tr>
        <td>${id}</td>
        <td>${seccomp}</td>
        <td class="mono">${capabilities}</td>
      </tr>`,
  );
  return card(
    'Protection',
    html`${rows([
        ['System calls', seccomp],
        ['Starting programs', machine.execve === 'EPERM' ? 'refused (execve answers EPERM)' : machine.execve],
        ['Operators', operators.join(', ') || 'none'],
        ['Fingerprint', formatFingerprint(fingerprint)],
      ])}
      <details id="tasks">
        <summary>Every task</summary>
        <table>
          <tr>
            <th>Task</th>
            <th>Seccomp</th>
            <th>Capabilities</th>
          </tr>
          ${tasks}
        </table>
      </details>`,
  );
}

function logCard({ log }: StatusReport): Html {
  const more = html`<p><a href="/logs">The whole log, live</a></p>`;
  if (log.length === 0)
    return card(
      'Log',
      html`<p>Nothing yet.</p>
        ${more}`,
    );
  return card('Log', html`${logList(log)}${more}`);
}

/** Newest first. */
export function logList(records: StatusReport['log']): Html {
  const items = records.toReversed().map(
    ({ timeMs, level, message, fields }) =>
      html`<li class="${level}">
        <time>${formatClock(timeMs).slice(5, 19)}</time><b>${message}</b>
        <span class="fields">${formatFields(fields)}</span>
      </li>`,
  );
  return html`<ol class="log">
    ${items}
  </ol>`;
}
