import type { PlaneShared } from '../../../devices/udp.ts';
import { apexOf } from './compiled-zone.ts';
import { enterSlot, hashFrom, slotCount } from './hash-slots.ts';
import { aligned, DIRECTORY, DIRECTORY_HEADER_BYTES, ENTRY, SLOT_WORDS } from './layout.ts';
import { scatterHash, NAME_HASH_START } from './name-hash.ts';
import { writeSettings, type PlaneSettings } from './plane-settings.ts';
import { createQueryCounts } from './query-counts.ts';

/**
 * What planes answer from: zones that `compileZone` made, each for a name of its own, and what is set for all of them. It costs a few
 * microseconds a zone, so that a change of one zone is its own compilation and a new directory.
 */
export function compileDirectory(
  zones: readonly SharedArrayBuffer[],
  settings: PlaneSettings = {},
): PlaneShared {
  const apexes = zones.map(apexOf);
  const slotsAt = DIRECTORY_HEADER_BYTES + 4 * ENTRY.WORDS * zones.length;
  const namesAt = slotsAt + 4 * SLOT_WORDS * slotCount(zones.length);
  const nameBytes = apexes.reduce((sum, { length }) => sum + length, 0);
  const directory = new SharedArrayBuffer(namesAt + aligned(nameBytes));
  const header = new Uint32Array(directory, 0, DIRECTORY_HEADER_BYTES / 4);
  header[DIRECTORY.ZONE_COUNT] = zones.length;
  header[DIRECTORY.SLOTS_AT] = slotsAt;
  header[DIRECTORY.SLOT_COUNT] = slotCount(zones.length);
  header[DIRECTORY.NAMES_AT] = namesAt;
  const entries = new Uint32Array(directory, DIRECTORY_HEADER_BYTES, ENTRY.WORDS * zones.length);
  const slots = new Int32Array(directory, slotsAt, SLOT_WORDS * slotCount(zones.length));
  const names = new Uint8Array(directory, namesAt);
  let end = 0;
  apexes.forEach((apex, zone) => {
    entries[zone * ENTRY.WORDS + ENTRY.NAME] = end;
    entries[zone * ENTRY.WORDS + ENTRY.NAME_BYTES] = apex.length;
    names.set(apex, end);
    end += apex.length;
    enterSlot(slots, scatterHash(hashFrom(NAME_HASH_START, apex, 0, apex.length)), zone);
  });
  const shared = [directory, settings.counts ?? createQueryCounts(), ...zones];
  writeSettings(shared, settings);
  return shared;
}
