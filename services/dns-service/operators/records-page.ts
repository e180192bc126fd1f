import type { ServicePage } from '../../../shared/appliance/administration.ts';
import { html, type Html } from '../../../shared/appliance/admin/html.ts';
import { formatName, type Name } from '../../../shared/protocols/dns/name.ts';
import { formatType } from '../../../shared/protocols/dns/record-types/mnemonics.ts';
import { formatData } from '../../../shared/protocols/dns/record-types/presentation.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import type { RRset } from '../../../shared/protocols/dns/rrset.ts';
import { SIGNER_TYPES } from '../../../shared/protocols/dns/update/update-policy.ts';
import type { KeptZone } from '../zones/kept-zone.ts';
import type { ZoneSource } from './actions.ts';
import { whyNotChanged } from './change-records.ts';

/** A page with more of them is of no use to anybody; a search finds the others. */
const RRSETS_SHOWN = 300;

/** Those that households and firms have, the most frequent first; every other one can be typed in. */
const TYPES_OFFERED = [
  'A',
  'AAAA',
  'CNAME',
  'TXT',
  'MX',
  'NS',
  'SRV',
  'CAA',
  'TLSA',
  'HTTPS',
  'SSHFP',
  'PTR',
];

const PAGE = 'records';

export function recordsPath(zone: string): string {
  return `/service/${PAGE}?${new URLSearchParams({ zone }).toString()}`;
}

/** The records of a zone, with a form to add, change and remove them. `find`: a part of the names. */
export function recordsPage(zones: ZoneSource): ServicePage {
  return ({ zone: name, find = '' }) => {
    const zone = zones.list.find(({ configuration }) => configuration.name === name);
    if (zone === undefined) return undefined;
    const hindrance = whyNotChanged(zone);
    return {
      title: `Records of ${zone.configuration.name}`,
      body: html`${hindrance === undefined ? formCard(zone) : html`<p>${hindrance}.</p>`}
      ${contentCard(zone, { find, isEditable: hindrance === undefined })}`,
    };
  };
}

function formCard({ configuration: { name } }: KeptZone): Html {
  return html`<section class="card">
    <h2>Set records</h2>
    <form class="edit" data-action="zone-change">
      <input type="hidden" name="zone" value="${name}" />
      <label
        >Name, “@” is ${name} itself<input name="name" required placeholder="www" autocapitalize="off"
      /></label>
      <label>Type<input name="type" required list="types" placeholder="A" /></label>
      <label>TTL<input name="ttl" placeholder="1h" /></label>
      <label class="wide"
        >Values, one a line, as in a zone file<textarea name="values" required spellcheck="false"></textarea>
      </label>
      <button class="main wide" name="action" value="set">Set</button>
      <output class="wide"></output>
    </form>
    <datalist id="types">${TYPES_OFFERED.map(type => html`<option value="${type}"></option>`)}</datalist>
    <p>These values take the place of those that the name has of this type.</p>
  </section>`;
}

interface Shown {
  readonly find: string;
  readonly isEditable: boolean;
}

function contentCard({ configuration: { name }, apex, content, serial }: KeptZone, shown: Shown): Html {
  const found = content.rrsets.filter(
    ({ type, owner }) =>
      !SIGNER_TYPES.includes(type) &&
      relativeName(owner, apex).toLowerCase().includes(shown.find.toLowerCase()),
  );
  const left = found.length - RRSETS_SHOWN;
  return html`<section class="card" id="content">
    <h2>${name}, serial ${serial}</h2>
    <form method="get">
      <input
        type="search"
        name="find"
        value="${shown.find}"
        placeholder="Part of a name"
        aria-label="Part of a name"
      />
    </form>
    <table>
      <tr>
        <th>Name</th>
        <th>Type</th>
        <th>TTL</th>
        <th>Values</th>
        <th></th>
      </tr>
      ${found.slice(0, RRSETS_SHOWN).map(rrset => row(rrset, { apex, zone: name, isEditable: shown.isEditable }))}
    </table>
    ${left > 0 ? html`<p>${left} more are not shown: look for a part of their name.</p>` : undefined}
  </section>`;
}

function row(
  { owner, type, ttlSeconds, data }: RRset,
  { apex, zone, isEditable }: { readonly apex: Name; readonly zone: string; readonly isEditable: boolean },
): Html {
  const name = relativeName(owner, apex);
  const values = data.map(one => formatData(type, one));
  const fill = { name, type: formatType(type), ttl: String(ttlSeconds), values: values.join('\n') };
  // The server counts the serial, and the times stand in the file.
  const buttons = isEditable && type !== TYPE.SOA ? rowButtons(zone, fill) : undefined;
  return html`<tr>
    <td class="mono">${name}</td>
    <td>${fill.type}</td>
    <td>${ttlSeconds}</td>
    <td class="mono">${values.map(value => html`${value}<br />`)}</td>
    <td>${buttons}</td>
  </tr>`;
}

function rowButtons(zone: string, fill: Readonly<Record<'name' | 'type' | 'ttl' | 'values', string>>): Html {
  return html`<button data-fill="${JSON.stringify(fill)}">Change</button>
    <form data-action="zone-change">
      <input type="hidden" name="zone" value="${zone}" />
      <input type="hidden" name="name" value="${fill.name}" />
      <input type="hidden" name="type" value="${fill.type}" />
      <button name="action" value="unset" data-confirm="Remove ${fill.type} of ${fill.name}?">Remove</button>
      <output></output>
    </form>`;
}

function relativeName(owner: Name, apex: Name): string {
  return owner.length === apex.length ? '@' : formatName(owner.slice(0, owner.length - apex.length));
}
