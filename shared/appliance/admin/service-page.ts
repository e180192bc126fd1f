import type { ServicePageContent } from '../administration.ts';
import { PARSE_PAGE, type Page } from './frame.ts';

/** See ServicePageContent. A form without `data-action` is a search: its fields become the page's query. Nothing is sent by the browser itself: the page's policy forbids it, and answers are shown in place. */
const FORM_SCRIPT = `${PARSE_PAGE}
const renew=async()=>{const r=await fetch(location.href,{headers:{accept:'text/html'}});if(!r.ok)return;
const d=parsePage(await r.text());
document.querySelector('#content').replaceWith(d.querySelector('#content'))};
const send=async(form,submitter)=>{const says=form.querySelector('output');
const input=Object.fromEntries(new FormData(form,submitter));
for(const area of form.querySelectorAll('textarea'))input[area.name]=area.value.split('\\n').map(l=>l.trim()).filter(Boolean);
for(const [k,v] of Object.entries(input))if(v==='')delete input[k];
try{const r=await fetch('/service/'+form.dataset.action,{method:'POST',headers:{'content-type':'application/json'},body:JSON.stringify(input)});
const answer=await r.json();says.className=r.ok?'done':'refused';says.textContent=r.ok?answer.said:answer.error;if(r.ok)await renew();
}catch{says.className='refused';says.textContent='The appliance does not answer'}};
document.addEventListener('submit',event=>{event.preventDefault();const {target:form,submitter}=event;
if(!form.dataset.action){const url=new URL(location.href);for(const [k,v] of new FormData(form))url.searchParams.set(k,v);
history.replaceState(null,'',url);void renew();return}
const question=submitter?.dataset.confirm;if(!question||confirm(question))void send(form,submitter)});
document.addEventListener('click',event=>{const fill=event.target.closest('[data-fill]')?.dataset.fill;if(!fill)return;
const form=document.querySelector('form[data-action]');for(const [k,v] of Object.entries(JSON.parse(fill)))form.elements[k].value=v;
form.scrollIntoView();form.elements[1].focus()});
`;

/** A page of the service's own within the frame of all pages. */
export function servicePage({ title, body }: ServicePageContent): Page {
  return { title: `${title} · Lares`, subtitle: title, isOperator: true, script: FORM_SCRIPT, body };
}
