import { equalBytes, viewOf } from '../../../../base/bytes.ts';
import { DIGEST_TYPE, digestKey, type DigestType } from '../../dnssec/delegation-signer.ts';
import { keyTag } from '../../dnssec/dnskey.ts';
import { TYPE } from '../../message.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import type { Report, Rule } from './rule.ts';
import { nameOf, rrsetAt, type ZoneNode, type ZoneView } from './zone-view.ts';

/** What only a signed zone has: RFC 4035 §2.2 and §2.3, RFC 5155 §7.1. */
const SIGNED_TYPES: readonly number[] = [TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3, TYPE.NSEC3PARAM];

export const signaturesHaveKeys: Rule = (node, zone, report) => {
  if (rrsetAt(zone.apexNode, TYPE.DNSKEY) !== undefined) return;
  for (const type of SIGNED_TYPES)
    if (rrsetAt(node, type) !== undefined)
      report.error(
        node,
        type,
        'RFC 4035 §2.1',
        `${nameOf(node)} has ${formatType(type)}, but the zone has no DNSKEY; leave signing to the server`,
      );
};

const CHILD_TYPES: readonly number[] = [TYPE.CDS, TYPE.CDNSKEY];

export const childRecordsStandAtApex: Rule = (node, zone, report) => {
  for (const type of CHILD_TYPES) {
    const rrset = rrsetAt(node, type);
    if (rrset === undefined) continue;
    // RFC 7344 §4.1: they are at the apex alone.
    if (!zone.isApex(node))
      report.error(
        node,
        type,
        'RFC 7344 §4.1',
        `${formatType(type)} at ${nameOf(node)}; it stands at the apex alone`,
      );
    else checkChildRecords(node, type, { zone, report });
  }
};

function checkChildRecords(
  node: ZoneNode,
  type: number,
  { zone, report }: { zone: ZoneView; report: Report },
): void {
  const records = rrsetAt(node, type)?.data ?? [];
  const deletes = records.filter(data => isDelete(type, data)).length;
  const what = formatType(type);
  // RFC 8078 §4: the record that asks for no DS at all stands alone, and in both types or in none.
  if (deletes > 0 && records.length > 1)
    report.error(node, type, 'RFC 8078 §4', `the ${what} that asks the parent to delete the DS stands alone`);
  const [other = 0] = CHILD_TYPES.filter(each => each !== type);
  const others = rrsetAt(node, other)?.data;
  if (others !== undefined && deletes > 0 !== others.some(data => isDelete(other, data)))
    report.error(node, type, 'RFC 8078 §4', 'CDS and CDNSKEY say the same: both delete or neither');
  // RFC 7344 §4.1: what the parent is asked for must not break the delegation.
  const keys = rrsetAt(node, TYPE.DNSKEY)?.data ?? [];
  if (deletes === 0 && !records.some(data => keys.some(key => isForKey(type, data, { key, zone }))))
    report.error(node, type, 'RFC 7344 §4.1', `no ${what} is for a DNSKEY of the zone`);
}

/** RFC 8078 §4: of algorithm 0. */
function isDelete(type: number, data: Uint8Array): boolean {
  return (type === TYPE.CDS ? data[2] : data[3]) === 0;
}

function isForKey(
  type: number,
  data: Uint8Array,
  { key, zone }: { key: Uint8Array; zone: ZoneView },
): boolean {
  if (type === TYPE.CDNSKEY) return equalBytes(data, key);
  const digestType = data[3] ?? 0;
  if (isDigestType(digestType)) return equalBytes(data, digestKey(zone.apex, key, digestType));
  // One of a digest that this code does not make.
  return viewOf(data).getUint16(0) === keyTag(key) && data[2] === key[3];
}

function isDigestType(number: number): number is DigestType {
  return number === DIGEST_TYPE.SHA256 || number === DIGEST_TYPE.SHA384;
}
