import type { PlaneShared } from '../../../devices/udp.ts';
import type { AskedName } from './asked-name.ts';
import { CompiledZone } from './compiled-zone.ts';
import { DIRECTORY, DIRECTORY_HEADER_BYTES, ENTRY, SLOT_WORDS } from './layout.ts';
import { scatterHash } from './name-hash.ts';
import { directoryOf } from './plane-settings.ts';
import { QueryCounts } from './query-counts.ts';

/** Where in what is shared the buffers of the zones begin: directory and counts stand before them. */
const FIRST_ZONE = 2;

/** Finds zones by their names, and has what is set for all of them. */
export class Directory {
  readonly shared: PlaneShared;
  readonly header: Uint32Array;
  readonly bytes: Uint8Array;
  readonly counts: QueryCounts;
  readonly #entries: Uint32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #namesAt: number;
  /** Read when they are first asked: a change of one zone makes this directory anew. */
  readonly #zones: (CompiledZone | undefined)[];

  constructor(shared: PlaneShared) {
    const directory = directoryOf(shared);
    this.shared = shared;
    this.header = new Uint32Array(directory, 0, DIRECTORY_HEADER_BYTES / 4);
    this.bytes = new Uint8Array(directory);
    this.counts = new QueryCounts(shared[1] as SharedArrayBuffer);
    const count = this.header[DIRECTORY.ZONE_COUNT] as number;
    const slotCount = this.header[DIRECTORY.SLOT_COUNT] as number;
    this.#entries = new Uint32Array(directory, DIRECTORY_HEADER_BYTES, ENTRY.WORDS * count);
    this.#slots = new Int32Array(directory, this.header[DIRECTORY.SLOTS_AT], SLOT_WORDS * slotCount);
    this.#mask = slotCount - 1;
    this.#namesAt = this.header[DIRECTORY.NAMES_AT] as number;
    this.#zones = Array.from({ length: count }, () => undefined);
  }

  /** The zone whose apex is the asked name's ancestor of `depth` labels. */
  findZone(name: AskedName, depth: number): CompiledZone | undefined {
    const hash = scatterHash(name.hashes[depth] as number);
    const slots = this.#slots;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const number = (slots[SLOT_WORDS * slot + 1] as number) - 1;
      if (number < 0) return undefined;
      if (slots[SLOT_WORDS * slot] === hash && this.#isApex(number, name, depth)) return this.#zone(number);
    }
  }

  #isApex(number: number, name: AskedName, depth: number): boolean {
    const entry = number * ENTRY.WORDS;
    const length = this.#entries[entry + ENTRY.NAME_BYTES] as number;
    if (length !== name.ends[depth]) return false;
    return name.equals(this.bytes, this.#namesAt + (this.#entries[entry + ENTRY.NAME] as number), 0, length);
  }

  #zone(number: number): CompiledZone {
    return (this.#zones[number] ??= new CompiledZone(this.shared[FIRST_ZONE + number] as SharedArrayBuffer));
  }
}
