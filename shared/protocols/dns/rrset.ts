import { lowerByte, type Name } from './name.ts';
import { canonicalData } from './record-types/wire.ts';
import type { RRsetList } from './rrset-list.ts';

/** The records of one owner and type (RFC 2181 §5). `data`: RDATA in wire form, names whole, case kept; no two equal. */
export interface RRset {
  readonly owner: Name;
  readonly type: number;
  readonly ttlSeconds: number;
  readonly data: readonly Uint8Array[];
}

/** A zone's content, class IN. `rrsets` in canonical order of owners (RFC 4034 §6.1), then by type. */
export interface Zone {
  readonly apex: Name;
  readonly rrsets: RRsetList;
}

/** RFC 4034 §6.1: label by label from the right, letters in lower case; a name stands before those below it. */
export function compareCanonical(left: Name, right: Name): number {
  const shared = Math.min(left.length, right.length);
  for (let fromEnd = 1; fromEnd <= shared; fromEnd++) {
    const order = compareLabels(
      left[left.length - fromEnd] as Uint8Array,
      right[right.length - fromEnd] as Uint8Array,
    );
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** RFC 4034 §6.3: the canonical forms as left-justified strings of bytes. 0 where the two are the same record. */
export function compareData(type: number, left: Uint8Array, right: Uint8Array): number {
  return compareBytes(canonicalData(type, left), canonicalData(type, right));
}

function compareLabels(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const order = lowerByte(left[index] as number) - lowerByte(right[index] as number);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Bytes as left-justified strings: RFC 4034 §6.3. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const order = (left[index] as number) - (right[index] as number);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
