import type { StatusSection } from '../../shared/appliance/service.ts';
import { formatMinute } from '../../shared/components/times/format-minute.ts';
import { formatZoneFault } from '../../shared/protocols/dns/zone-file/fault.ts';
import { recordsPath } from './operators/records-page.ts';
import type { Running } from './service.ts';
import { followSections } from './follow/status-rows.ts';
import { encryptedSections } from './transports/status-rows.ts';
import { keyRows } from './zones/key-rows.ts';
import type { ZoneKeeper } from './zones/zone-keeper.ts';

/** A page with more of them is of no use to anybody. */
const ZONES_SHOWN = 50;

type Row = readonly [label: string, value: string];

export function statusOf({
  zones,
  files,
  udp,
  streams,
  queries,
  encrypted,
  following,
}: Running): StatusSection[] {
  const left = zones.list.length - ZONES_SHOWN;
  const datagrams = udp.counters();
  const { open, accepted, answered, idled, evicted, refused } = streams.counts();
  return [
    ...zones.list.slice(0, ZONES_SHOWN).map(zone => ({
      title: `Zone ${zone.configuration.name}`,
      rows: rowsOf(zone),
      links: [{ text: 'Records', href: recordsPath(zone.configuration.name) }],
    })),
    ...(left > 0 ? [{ title: 'Further zones', rows: [['Not shown', `${left}`]] as const }] : []),
    ...(files.rows().length > 0 ? [{ title: 'Zone files', rows: files.rows() }] : []),
    {
      title: 'Queries',
      rows: [
        [
          'By UDP',
          `${datagrams.received} received, ${datagrams.answered} answered, ${datagrams.dropped} dropped`,
        ],
        ['By TCP', `${answered} answered in ${accepted} connections, ${open} of them open`],
        ...queries.rows(),
        ['Connections closed by us', `${idled} idle, ${evicted} to make room, ${refused} refused`],
      ],
    },
    ...followSections(following.names),
    ...encryptedSections(encrypted),
  ];
}

function rowsOf(zone: ZoneKeeper): Row[] {
  return [
    ['Serial', String(zone.serial)],
    ['RRsets', String(zone.served.rrsets.length)],
    ...signingRows(zone),
    ...zone.faults.warnings.map((fault): Row => ['Odd', formatZoneFault(fault)]),
  ];
}

function signingRows(zone: ZoneKeeper): Row[] {
  const { firstEndSeconds, configuration } = zone;
  const signed =
    firstEndSeconds === undefined
      ? 'no'
      : `with ${configuration.denial.toUpperCase()}; the first signature ends ${formatMinute(1000 * firstEndSeconds)}`;
  return [['Signed', signed], ...keyRows(zone)];
}
