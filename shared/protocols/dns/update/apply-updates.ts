import { recordKey } from '../changes/rrset-identity.ts';
import type { ZoneDraft } from '../changes/zone-draft.ts';
import { CLASS_ANY, CLASS_IN, TYPE } from '../message.ts';
import { equalNames } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { isLaterSerial, soaTimesOf } from '../serial.ts';
import type { UpdateRecord } from './decode-update.ts';

/** RFC 2136 §3.4.2: does what the records say, in their order. What cannot be is passed over without a word, as the RFC has it. */
export function applyUpdates(draft: ZoneDraft, updates: readonly UpdateRecord[]): void {
  for (const update of updates)
    if (update.class === CLASS_IN) add(draft, update);
    else if (update.class === CLASS_ANY) removeSets(draft, update);
    else removeRecord(draft, update);
}

/** RFC 2136 §3.4.2.2. */
function add(draft: ZoneDraft, { owner, type, ttlSeconds, data }: UpdateRecord): void {
  const node = draft.at(owner);
  const there = node.find(rrset => rrset.type === type);
  if (!mayStand(node, type) || !isNewSoa(draft, there, { owner, type, data })) return;
  // RFC 2136 §1.1.5 and §3.4.2.2: of these one takes the place of the other. RFC 6672 §2.4 has DNAME so.
  if (there === undefined || SINGLE.includes(type))
    return draft.put({ owner, type, ttlSeconds, data: [data] });
  const key = recordKey(type, data);
  const others = there.data.filter(one => recordKey(type, one) !== key);
  // RFC 2181 §5.2: an RRset has one TTL; the newer one holds.
  draft.put({ owner: there.owner, type, ttlSeconds, data: [...others, data] });
}

const SINGLE: readonly number[] = [TYPE.SOA, TYPE.CNAME, TYPE.DNAME];

/** RFC 2136 §3.4.2.2: a CNAME is not added beside other data, nor other data beside a CNAME. */
function mayStand(node: readonly RRset[], type: number): boolean {
  return type === TYPE.CNAME
    ? node.every(rrset => rrset.type === TYPE.CNAME)
    : node.every(rrset => rrset.type !== TYPE.CNAME);
}

/** RFC 2136 §3.4.2.2: an SOA is taken at the apex alone, with a serial that is greater. */
function isNewSoa(
  { apex }: ZoneDraft,
  there: RRset | undefined,
  { owner, type, data }: Pick<UpdateRecord, 'owner' | 'type' | 'data'>,
): boolean {
  if (type !== TYPE.SOA) return true;
  const [before] = there?.data ?? [];
  return (
    equalNames(owner, apex) &&
    before !== undefined &&
    isLaterSerial(soaTimesOf(data).serial, soaTimesOf(before).serial)
  );
}

/** RFC 2136 §3.4.2.3: the RRsets of a name, or one; the SOA and NS of the apex stay. */
function removeSets(draft: ZoneDraft, { owner, type }: UpdateRecord): void {
  const isApex = equalNames(owner, draft.apex);
  for (const rrset of draft.at(owner)) {
    const isMeant = type === TYPE.ANY || rrset.type === type;
    if (isMeant && !(isApex && KEPT_AT_APEX.includes(rrset.type))) draft.remove(rrset);
  }
}

const KEPT_AT_APEX: readonly number[] = [TYPE.SOA, TYPE.NS];

/** RFC 2136 §3.4.2.4: one record; the SOA stays, and the last NS of the apex. */
function removeRecord(draft: ZoneDraft, { owner, type, data }: UpdateRecord): void {
  const there = draft.at(owner).find(rrset => rrset.type === type);
  if (there === undefined || type === TYPE.SOA) return;
  const key = recordKey(type, data);
  const left = there.data.filter(one => recordKey(type, one) !== key);
  if (left.length > 0) draft.put({ ...there, data: left });
  else if (type !== TYPE.NS || !equalNames(owner, draft.apex)) draft.remove(there);
}
