import { equalBytes } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { formatAbsoluteName } from '../absolute-name.ts';
import { flattenNode } from '../dnssec/signed-zone.ts';
import { TYPE } from '../message.ts';
import { isAtOrBelow, isWrittenAlike } from '../name.ts';
import { withoutShared } from '../packed/edit-packed.ts';
import { formatType } from '../record-types/mnemonics.ts';
import type { RRset, Zone } from '../rrset.ts';
import { firstOwner, NodeWalk } from './node-walk.ts';
import { isSameSet, recordKey } from './rrset-identity.ts';
import { ZoneDraft } from './zone-draft.ts';

/** What leads from one version of a zone to another: records taken away, then records put there. RFC 1995 §4: the SOAs stand first. */
export interface ZoneDifference {
  readonly removed: readonly RRset[];
  readonly added: readonly RRset[];
}

/** RRSIGs are RRsets here, also those of a signed zone. Equal zones have an empty difference. */
export function differenceOf(before: Zone, after: Zone): ZoneDifference {
  const difference = { removed: [], added: [] };
  const [left, right] = withoutShared(before.rrsets, after.rrsets);
  const walks = [new NodeWalk(left), new NodeWalk(right)] as const;
  for (let owner = firstOwner(walks); owner !== undefined; owner = firstOwner(walks)) {
    const [one, other] = walks;
    addNode(difference, flattenNode(one.take(owner)), flattenNode(other.take(owner)));
  }
  return { removed: soaFirst(difference.removed), added: soaFirst(difference.added) };
}

/**
 * The zone after the difference. An error where a record to be removed is not there, or one to be added is: then it is no difference to
 * this zone, and the zone has to be fetched whole.
 */
export function applyDifference(zone: Zone, difference: ZoneDifference): Result<Zone, string> {
  return applyDifferences(zone, [difference]);
}

/** The zone after one difference after the other; the zone itself is gone through but once. */
export function applyDifferences(zone: Zone, differences: readonly ZoneDifference[]): Result<Zone, string> {
  const draft = new ZoneDraft(zone);
  for (const { removed, added } of differences) {
    for (const rrset of removed) if (!removeFrom(draft, rrset)) return err(`${say(rrset)} is not there`);
    for (const rrset of added) {
      if (!isAtOrBelow(rrset.owner, zone.apex)) return err(`${say(rrset)} is outside the zone`);
      if (!addTo(draft, rrset)) return err(`${say(rrset)} is there already`);
    }
  }
  return ok(draft.finish());
}

interface Growing {
  readonly removed: RRset[];
  readonly added: RRset[];
}

/** What differs between the RRsets of one owner. */
function addNode({ removed, added }: Growing, before: readonly RRset[], after: readonly RRset[]): void {
  for (const rrset of before)
    pushLacking(
      removed,
      rrset,
      after.find(other => isSameSet(other, rrset)),
    );
  for (const rrset of after)
    pushLacking(
      added,
      rrset,
      before.find(other => isSameSet(other, rrset)),
    );
}

/** The records of `rrset` that `other` has not. One that changes its TTL or how its owner is written goes and comes whole. */
function pushLacking(list: RRset[], rrset: RRset, other: RRset | undefined): void {
  if (
    other === undefined ||
    other.ttlSeconds !== rrset.ttlSeconds ||
    !isWrittenAlike(rrset.owner, other.owner)
  )
    return void list.push(rrset);
  if (isInSameOrder(rrset.data, other.data)) return;
  const there = new Set(other.data.map(data => data.toHex()));
  const data = rrset.data.filter(one => !there.has(one.toHex()));
  if (data.length > 0) list.push({ ...rrset, data });
}

/** As nearly all that did not change are. */
function isInSameOrder(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return left.length === right.length && left.every((data, at) => equalBytes(data, right[at] as Uint8Array));
}

/** RFC 1995 §4: the first RR of the removed and of the added ones is the SOA. */
function soaFirst(rrsets: readonly RRset[]): RRset[] {
  const isSoa = ({ type }: RRset): boolean => type === TYPE.SOA;
  return [...rrsets.filter(isSoa), ...rrsets.filter(rrset => !isSoa(rrset))];
}

function removeFrom(draft: ZoneDraft, rrset: RRset): boolean {
  const there = draft.at(rrset.owner).find(other => isSameSet(other, rrset));
  if (there === undefined) return false;
  const gone = new Set(rrset.data.map(data => recordKey(rrset.type, data)));
  const data = there.data.filter(one => !gone.has(recordKey(rrset.type, one)));
  if (data.length === 0) draft.remove(there);
  else draft.put({ ...there, data });
  return there.data.length - data.length === rrset.data.length;
}

function addTo(draft: ZoneDraft, rrset: RRset): boolean {
  const there = draft.at(rrset.owner).find(other => isSameSet(other, rrset));
  if (there === undefined) {
    draft.put(rrset);
    return true;
  }
  const known = new Set(there.data.map(data => recordKey(rrset.type, data)));
  if (rrset.data.some(one => known.has(recordKey(rrset.type, one)))) return false;
  // RFC 2181 §5.2: an RRset has one TTL; the newer one holds.
  draft.put({ ...rrset, owner: there.owner, data: [...there.data, ...rrset.data] });
  return true;
}

function say({ owner, type }: RRset): string {
  return `${formatAbsoluteName(owner)} ${formatType(type)}`;
}
