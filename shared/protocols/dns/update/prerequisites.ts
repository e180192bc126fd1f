import { isSameSet, recordKey } from '../changes/rrset-identity.ts';
import { CLASS_ANY, CLASS_IN, RCODE, TYPE } from '../message.ts';
import { isAtOrBelow, type Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';
import type { UpdateRecord } from './decode-update.ts';

/** What is looked at: the RRsets of a name. */
interface Lookup {
  readonly apex: Name;
  at(owner: Name): readonly RRset[];
}

/** RFC 2136 §3.2: NOERROR where all hold, or the rcode of the first that does not. */
export function checkPrerequisites(zone: Lookup, prerequisites: readonly UpdateRecord[]): number {
  /** RFC 2136 §3.2.3: the records of one RRset are one condition. */
  const expected = new Map<string, UpdateRecord[]>();
  for (const record of prerequisites) {
    if (record.ttlSeconds !== 0) return RCODE.FORMERR;
    if (!isAtOrBelow(record.owner, zone.apex)) return RCODE.NOTZONE;
    if (record.class === CLASS_IN) addTo(expected, record);
    else {
      if (record.data.length > 0) return RCODE.FORMERR;
      const rcode = checkPresence(zone, record);
      if (rcode !== RCODE.NOERROR) return rcode;
    }
  }
  return [...expected.values()].every(records => isExactly(zone, records)) ? RCODE.NOERROR : RCODE.NXRRSET;
}

/** RFC 2136 §3.2.1 (class ANY: it is there) and §3.2.2 (class NONE: it is not). */
function checkPresence(zone: Lookup, { owner, type, class: recordClass }: UpdateRecord): number {
  const there = zone.at(owner);
  const isThere = type === TYPE.ANY ? there.length > 0 : there.some(rrset => rrset.type === type);
  if (isThere === (recordClass === CLASS_ANY)) return RCODE.NOERROR;
  if (type === TYPE.ANY) return isThere ? RCODE.YXDOMAIN : RCODE.NXDOMAIN;
  return isThere ? RCODE.YXRRSET : RCODE.NXRRSET;
}

function addTo(expected: Map<string, UpdateRecord[]>, record: UpdateRecord): void {
  const key = `${record.type} ${canonicalKey(record.owner)}`;
  expected.set(key, [...(expected.get(key) ?? []), record]);
}

/** Whether the RRset has these records and no others; their TTLs do not matter. */
function isExactly(zone: Lookup, records: readonly UpdateRecord[]): boolean {
  const [{ owner, type } = { owner: [], type: 0 }] = records;
  const wanted = new Set(records.map(({ data }) => recordKey(type, data)));
  const there = zone
    .at(owner)
    .find(rrset => isSameSet(rrset, { type, data: records.map(({ data }) => data) }));
  return (
    there !== undefined &&
    there.data.length === wanted.size &&
    there.data.every(data => wanted.has(recordKey(type, data)))
  );
}
