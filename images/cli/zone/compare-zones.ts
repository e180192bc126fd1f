import { differenceOf } from '../../../shared/protocols/dns/changes/difference.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { SIGNER_TYPES } from '../../../shared/protocols/dns/update/update-policy.ts';
import { formatZone } from '../../../shared/protocols/dns/zone-file/format-zone.ts';
import { withSerial } from '../../../services/dns-service/zones/serial.ts';

/** What of a zone its owner wrote: without signatures and keys, in which two servers of one zone differ, and with one serial for all versions. */
export function ownContent(zone: Zone): Zone {
  const rrsets = zone.rrsets.filter(({ type }) => !SIGNER_TYPES.includes(type));
  const hasSoa = rrsets.some(({ type }) => type === TYPE.SOA);
  const own = { apex: zone.apex, rrsets };
  return hasSoa ? withSerial(own, 0) : own;
}

/** A line for each record that one of the two does not have: `- …` of the old one, `+ …` of the new one. */
export function compareZones(before: Zone, after: Zone): string[] {
  const { removed, added } = differenceOf(ownContent(before), ownContent(after));
  const lines = (sign: string, rrsets: Zone['rrsets']): string[] =>
    formatZone({ apex: before.apex, rrsets })
      .split('\n')
      .filter(line => line !== '')
      .map(line => `${sign} ${line}`);
  return [...lines('-', removed), ...lines('+', added)];
}
