import { APEX_NODE, NONE, type CompiledZone } from '../compiled/compiled-zone.ts';
import { TYPE } from '../message.ts';

/**
 * The last node that comes before a name which is not there: below `encloser`, its next label in wire form at `at` of
 * `bytes`. Everything below the encloser is told apart by that label alone, since no node has it.
 */
export function findNodeBefore(zone: CompiledZone, encloser: number, bytes: Uint8Array, at: number): number {
  const offset = zone.nameBytes(encloser);
  let low = encloser + 1;
  let high = zone.end(encloser);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comesBefore(zone.heap, zone.nameAt(middle) + offset, bytes, at)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** RFC 4034 §6.1: labels as strings of bytes; one that ends first comes first. */
function comesBefore(heap: Uint8Array, offset: number, bytes: Uint8Array, at: number): boolean {
  const left = heap[offset] as number;
  const right = bytes[at] as number;
  const shared = Math.min(left, right);
  for (let index = 1; index <= shared; index++) {
    const order = (heap[offset + index] as number) - (bytes[at + index] as number);
    if (order !== 0) return order < 0;
  }
  return left < right;
}

/** RFC 4035 §2.3: empty non-terminals have no NSEC, so the one before them covers them; {@link NONE} in a broken chain. */
export function findOwnerNotBehind(zone: CompiledZone, node: number): number {
  for (let owner = node; owner >= APEX_NODE; owner--)
    if (zone.findBlock(owner, TYPE.NSEC) !== NONE) return owner;
  return NONE;
}

/** Writes the node's name below the apex, first label first; how many bytes. */
export function writeLabels(zone: CompiledZone, node: number, labels: Uint8Array): number {
  const { heap } = zone;
  const start = zone.nameAt(node);
  const length = zone.nameBytes(node);
  for (let at = 0; at < length;) {
    const bytes = 1 + (heap[start + at] as number);
    at += bytes;
    for (let index = 0; index < bytes; index++)
      labels[length - at + index] = heap[start + at - bytes + index] as number;
  }
  return length;
}
