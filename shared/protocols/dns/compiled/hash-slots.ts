import type { CompiledZones } from './compiled-zones.ts';
import { HEADER, SLOT_WORDS, ZONE } from './layout.ts';
import { addToHash, mixHash, NAME_HASH_START } from './name-hash.ts';

/** A power of two that is at most two thirds taken by `entries`, so that runs stay short and there is an end to each. */
export function slotCount(entries: number): number {
  let count = 2;
  while (3 * entries > 2 * count) count *= 2;
  return count;
}

/** Enters all zones and nodes into the tables. */
export function fillSlots(compiled: CompiledZones): void {
  const { header, heap } = compiled;
  for (let zone = 0; zone < (header[HEADER.ZONE_COUNT] as number); zone++) {
    const apexAt = compiled.zoneWord(zone, ZONE.APEX);
    const apex = hashFrom(NAME_HASH_START, heap, [apexAt, compiled.zoneWord(zone, ZONE.APEX_BYTES)]);
    enter(compiled.zoneSlots, mixHash(apex, 0), zone);
    const end = compiled.zoneWord(zone, ZONE.NODES_END);
    for (let node = compiled.zoneWord(zone, ZONE.FIRST_NODE); node < end; node++) {
      const hash = hashFrom(apex, heap, [compiled.nameAt(node), compiled.nameBytes(node)]);
      enter(compiled.nodeSlots, mixHash(hash, zone + 1), node);
    }
  }
}

function hashFrom(start: number, heap: Uint8Array, [offset, length]: readonly [number, number]): number {
  let hash = start;
  for (let index = 0; index < length; index++) hash = addToHash(hash, heap[offset + index] as number);
  return hash;
}

function enter(slots: Int32Array, hash: number, entry: number): void {
  const mask = slots.length / SLOT_WORDS - 1;
  let slot = hash & mask;
  while (slots[SLOT_WORDS * slot + 1] !== 0) slot = (slot + 1) & mask;
  slots[SLOT_WORDS * slot] = hash;
  slots[SLOT_WORDS * slot + 1] = entry + 1;
}
