import { TYPE } from '../message.ts';
import { canonicalData } from '../record-types/wire.ts';
import type { RRset } from '../rrset.ts';

/** Whether both are the same RRset of one owner. RFC 4034 §3: an RRSIG has the TTL of what it covers, so each covered type is a set. */
export function isSameSet(left: Pick<RRset, 'type' | 'data'>, right: Pick<RRset, 'type' | 'data'>): boolean {
  return left.type === right.type && coveredType(left) === coveredType(right);
}

/** In the order in which RRsets of one owner stand in a zone. */
export function compareSets(left: RRset, right: RRset): number {
  return left.type - right.type || coveredType(left) - coveredType(right);
}

/** What an RRSIG is for: the first two bytes of its data. 0 for all other types. */
export function coveredType({ type, data: [first] }: Pick<RRset, 'type' | 'data'>): number {
  return type === TYPE.RRSIG && first !== undefined ? ((first[0] ?? 0) << 8) | (first[1] ?? 0) : 0;
}

/** Equal for what RFC 4034 §6.3 and RFC 2181 §5 call the same record of an RRset. */
export function recordKey(type: number, data: Uint8Array): string {
  return canonicalData(type, data).toHex();
}
