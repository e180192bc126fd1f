/** Counters for each place there may be: so that two networks seldom have one counter, and very seldom two. */
const COUNTERS_PER_PLACE = 16;

/** Each network has so many counters, in a row each, and the smallest of them is the nearest to what it has. */
const ROWS = 2;

/** The first word of a part: how many places are taken in all. */
const HEADER_WORDS = 1;

/**
 * How many places two servers of the same visitors, each in a thread of its own, have given away: in all, and to each network. One writes
 * part 0, the other part 1, and both read both. The total is exact. A network's number is never too small; it is too large where others
 * have the same counters by chance (fewer than one in two hundred with every place taken).
 */
export class PlaceCounts {
  readonly #words: Int32Array;
  readonly #rowMask: number;

  /** Memory for the two parts of servers that together have `max` places. */
  static memoryFor(max: number): SharedArrayBuffer {
    const rowWords = 2 ** Math.ceil(Math.log2(Math.max(1, max) * COUNTERS_PER_PLACE));
    return new SharedArrayBuffer(2 * (HEADER_WORDS + ROWS * rowWords) * 4);
  }

  constructor(memory: SharedArrayBuffer, part: 0 | 1) {
    const partWords = memory.byteLength / 8;
    this.#words = new Int32Array(memory, part * partWords * 4, partWords);
    this.#rowMask = (partWords - HEADER_WORDS) / ROWS - 1;
  }

  get total(): number {
    return Atomics.load(this.#words, 0);
  }

  of(network: string): number {
    const hash = hashOf(network);
    let least = Infinity;
    for (let row = 0; row < ROWS; row++)
      least = Math.min(least, Atomics.load(this.#words, this.#indexOf(hash, row)));
    return least;
  }

  /** `difference` more places are taken by `network`. */
  add(network: string, difference: number): void {
    const hash = hashOf(network);
    Atomics.add(this.#words, 0, difference);
    for (let row = 0; row < ROWS; row++) Atomics.add(this.#words, this.#indexOf(hash, row), difference);
  }

  /** For a writer that begins anew: what another one left in its part counts no more. */
  clear(): void {
    this.#words.fill(0);
  }

  #indexOf(hash: number, row: number): number {
    // Each row takes other bits first: the finalizer of MurmurHash3, begun at another point.
    let mixed = hash ^ Math.imul(row + 1, 0x9e3779b9);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    return HEADER_WORDS + row * (this.#rowMask + 1) + (mixed & this.#rowMask);
  }
}

/** FNV-1a. Who finds networks that share counters with another one takes nothing from the eighth that is always kept for that one. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}
