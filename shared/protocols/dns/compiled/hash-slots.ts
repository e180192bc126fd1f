import { SLOT_WORDS } from './layout.ts';
import { addToHash } from './name-hash.ts';

/** A power of two that is at most two thirds taken by `entries`, so that runs stay short and there is an end to each. */
export function slotCount(entries: number): number {
  let count = 2;
  while (3 * entries > 2 * count) count *= 2;
  return count;
}

/** The hash of a name that goes on from `start` by `length` bytes, root first. */
export function hashFrom(start: number, bytes: Uint8Array, offset: number, length: number): number {
  let hash = start;
  for (let index = 0; index < length; index++) hash = addToHash(hash, bytes[offset + index] as number);
  return hash;
}

/** Enters an entry by its mixed hash; there is room for it. */
export function enterSlot(slots: Int32Array, hash: number, entry: number): void {
  const mask = slots.length / SLOT_WORDS - 1;
  let slot = hash & mask;
  while (slots[SLOT_WORDS * slot + 1] !== 0) slot = (slot + 1) & mask;
  slots[SLOT_WORDS * slot] = hash;
  slots[SLOT_WORDS * slot + 1] = entry + 1;
}
