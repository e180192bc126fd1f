import { assert } from '../../base/assert.ts';
import { TYPE } from './message.ts';
import { equalNames, type Name } from './name.ts';
import { compareCanonical, type RRset, type Zone } from './rrset.ts';

/**
 * RRsets in the order of a zone: an array of a few, or packed ones of many. What it gives may be made anew each time, so that
 * RRsets are compared by what they say.
 */
export interface RRsetList<T extends RRset = RRset> extends Iterable<T> {
  readonly length: number;
  at(index: number): T | undefined;
  slice(start?: number, end?: number): readonly T[];
  find(is: (rrset: T) => boolean): T | undefined;
  some(is: (rrset: T) => boolean): boolean;
  filter(is: (rrset: T) => boolean): readonly T[];
  /** Where the first RRset stands that is not before the owner's; what has it knows a shorter way than going by {@link at}. */
  startOf?(owner: Name): number;
  /** Known without a look at each of them. */
  readonly longestTtlSeconds?: number;
}

/** The RRsets of one owner. */
export function rrsetsOf<T extends RRset>(rrsets: RRsetList<T>, owner: Name): readonly T[] {
  const start = rrsets.startOf?.(owner) ?? startOf(rrsets, owner);
  let end = start;
  while (end < rrsets.length && equalNames((rrsets.at(end) as T).owner, owner)) end++;
  return rrsets.slice(start, end);
}

export function rrsetOf<T extends RRset>(rrsets: RRsetList<T>, owner: Name, type: number): T | undefined {
  return rrsetsOf(rrsets, owner).find(rrset => rrset.type === type);
}

/** The SOA record of a zone that has one, as all that are served. */
export function soaOf({ apex, rrsets }: Zone): RRset {
  const soa = rrsetOf(rrsets, apex, TYPE.SOA);
  assert(soa !== undefined, 'a zone that is served has an SOA record');
  return soa;
}

/** 0 where there are none. */
export function longestTtlOf(rrsets: RRsetList): number {
  if (rrsets.longestTtlSeconds !== undefined) return rrsets.longestTtlSeconds;
  let longest = 0;
  for (const { ttlSeconds } of rrsets) longest = Math.max(longest, ttlSeconds);
  return longest;
}

function startOf(rrsets: RRsetList, owner: Name): number {
  let start = 0;
  for (let end = rrsets.length; start < end;) {
    const middle = (start + end) >>> 1;
    if (compareCanonical((rrsets.at(middle) as RRset).owner, owner) < 0) start = middle + 1;
    else end = middle;
  }
  return start;
}

/** The RRsets of each owner, in their order; at least one each. */
export function* byOwner<T extends RRset>(rrsets: Iterable<T>): Generator<readonly T[]> {
  let node: T[] = [];
  for (const rrset of rrsets) {
    const [first] = node;
    if (first !== undefined && first.owner !== rrset.owner && !equalNames(first.owner, rrset.owner)) {
      yield node;
      node = [];
    }
    node.push(rrset);
  }
  if (node.length > 0) yield node;
}
