import { viewOf } from '../../../../base/bytes.ts';
import { TYPE } from '../../message.ts';
import { decodeName } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import type { Report, Rule } from './rule.ts';
import { nameOf, rrsetAt, type ZoneNode } from './zone-view.ts';

export const soaStandsAtApex: Rule = (node, zone, report) => {
  const soa = rrsetAt(node, TYPE.SOA);
  const error = (message: string): void => report.error(node, TYPE.SOA, 'RFC 1035 §5.2', message);
  if (!zone.isApex(node)) {
    if (soa !== undefined) error(`${nameOf(node)} has an SOA, but the zone begins at ${zone.name}`);
  } else if (soa === undefined) error(`${zone.name} has no SOA; a zone has one`);
  else if (soa.data.length > 1) error(`${zone.name} has ${soa.data.length} SOA records; a zone has one`);
  else checkSoa(node, soa.data[0] as Uint8Array, report);
};

const AT_SIGN = 0x40;

function checkSoa(node: ZoneNode, data: Uint8Array, report: Report): void {
  const primary = decodeName(data, 0);
  const mailbox = primary.ok ? decodeName(data, primary.value.end) : primary;
  // RFC 1035 §8: the first label of the mailbox is its local part, and a dot stands for the @.
  if (mailbox.ok && mailbox.value.name.some(label => label.includes(AT_SIGN)))
    report.error(node, TYPE.SOA, 'RFC 1035 §8', 'the mailbox in the SOA has an @; a dot stands in its place');
  checkTimers(node, data, report);
}

const DAY_SECONDS = 86_400;

/** The last five fields of the data: RFC 1035 §3.3.13. */
function checkTimers(node: ZoneNode, data: Uint8Array, report: Report): void {
  const view = viewOf(data);
  const [, refresh = 0, retry = 0, expire = 0, minimum = 0] = [20, 16, 12, 8, 4].map(fromEnd =>
    view.getUint32(data.length - fromEnd),
  );
  const warn = (rule: string, message: string): void => report.warn(node, TYPE.SOA, rule, message);
  if (refresh === 0 || retry === 0) warn('RFC 1912 §2.2', 'refresh and retry in the SOA are above 0');
  if (retry > refresh)
    warn(
      'RFC 1912 §2.2',
      `retry (${retry}) in the SOA is longer than refresh (${refresh}): it never comes to it`,
    );
  if (expire <= refresh + retry)
    warn(
      'RFC 1912 §2.2',
      `expire (${expire}) in the SOA is not above refresh and retry (${refresh} + ${retry}): one failure ends the zone`,
    );
  else if (expire < 7 * DAY_SECONDS)
    warn('RFC 1912 §2.2', `expire (${expire}) in the SOA is below a week; two to four are right`);
  // RFC 2308 §5: one to three hours work well, and more than a day has been found troublesome.
  if (minimum > DAY_SECONDS)
    warn(
      'RFC 2308 §5',
      `the last field of the SOA (${minimum}) keeps names unknown for over a day after they came`,
    );
}

export const apexHasServers: Rule = (node, zone, report) => {
  if (zone.isApex(node) && rrsetAt(node, TYPE.NS) === undefined)
    report.error(node, TYPE.SOA, 'RFC 1034 §4.2.1', `${nameOf(node)} has no NS; a zone names its servers`);
};

/** Types for the zone as a whole: RFC 4035 §2.1, RFC 5155 §4, RFC 8976 §2.1. */
const ZONE_TYPES: readonly (readonly [type: number, rule: string])[] = [
  [TYPE.DNSKEY, 'RFC 4035 §2.1'],
  [TYPE.NSEC3PARAM, 'RFC 5155 §4'],
  [TYPE.ZONEMD, 'RFC 8976 §2.1'],
];

export const zoneTypesStandAtApex: Rule = (node, zone, report) => {
  if (zone.isApex(node)) return;
  for (const [type, rule] of ZONE_TYPES)
    if (rrsetAt(node, type) !== undefined)
      report.warn(
        node,
        type,
        rule,
        `${formatType(type)} at ${nameOf(node)} means nothing: it is for the apex`,
      );
};
