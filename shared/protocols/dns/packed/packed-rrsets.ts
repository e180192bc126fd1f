import { viewOf } from '../../../base/bytes.ts';
import type { Name } from '../name.ts';
import { compareCanonical, type RRset } from '../rrset.ts';
import type { RRsetList } from '../rrset-list.ts';
import { endOfNode, NodeReader, type NodeBytes } from './packed-node.ts';

/** Words of a chunk: the slab it stands in, where, its bytes, how many RRsets stand before it, the longest TTL in seconds. */
export const CHUNK = { SLAB: 0, OFFSET: 1, BYTES: 2, FIRST: 3, LONGEST_TTL: 4, WORDS: 5 } as const;

/** What packed RRsets are made of: it may be handed to another thread, which costs nothing. Slabs never change. */
export interface PackedForm {
  readonly apex: Name;
  /** Whether RRsets have the signatures that cover them beside their records. */
  readonly isSigned: boolean;
  /** RRsets. */
  readonly length: number;
  readonly slabs: readonly SharedArrayBuffer[];
  /** {@link CHUNK.WORDS} words for each run of names, in canonical order. */
  readonly chunks: Uint32Array;
}

/**
 * RRsets as bytes: a zone of a million records takes what its records take, and no object for each. They are made into objects as they are
 * asked for, anew each time; two lists share the chunks in which they do not differ.
 */
export class PackedRRsets<T extends RRset = RRset> implements RRsetList<T> {
  readonly form: PackedForm;
  readonly #slabs: readonly NodeBytes[];
  readonly #reader: NodeReader;
  /** The chunk that was read last: whoever goes along the list reads each once. */
  #last: { readonly chunk: number; readonly rrsets: readonly T[] } | undefined;

  /** T has signatures where the form `isSigned`. */
  constructor(form: PackedForm) {
    this.form = form;
    this.#reader = new NodeReader(form.apex, form.isSigned);
    this.#slabs = form.slabs.map(slab => {
      const bytes = new Uint8Array(slab);
      return { bytes, view: viewOf(bytes) };
    });
  }

  get length(): number {
    return this.form.length;
  }

  get longestTtlSeconds(): number {
    let longest = 0;
    for (let chunk = 0; chunk < this.chunkCount; chunk++)
      longest = Math.max(longest, this.longestTtlIn(chunk));
    return longest;
  }

  get chunkCount(): number {
    return this.form.chunks.length / CHUNK.WORDS;
  }

  at(index: number): T | undefined {
    if (index < 0) index += this.length;
    if (index < 0 || index >= this.length) return undefined;
    const chunk = this.#chunkWith(index);
    return this.chunkRRsets(chunk)[index - this.#word(chunk, CHUNK.FIRST)];
  }

  slice(start: number = 0, end: number = this.length): readonly T[] {
    const from = start < 0 ? Math.max(0, start + this.length) : start;
    const to = Math.min(this.length, end < 0 ? end + this.length : end);
    const part: T[] = [];
    for (let index = from; index < to; index++) part.push(this.at(index) as T);
    return part;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let chunk = 0; chunk < this.chunkCount; chunk++) yield* this.#read(chunk);
  }

  find(is: (rrset: T) => boolean): T | undefined {
    for (const rrset of this) if (is(rrset)) return rrset;
    return undefined;
  }

  some(is: (rrset: T) => boolean): boolean {
    return this.find(is) !== undefined;
  }

  filter(is: (rrset: T) => boolean): readonly T[] {
    const kept: T[] = [];
    for (const rrset of this) if (is(rrset)) kept.push(rrset);
    return kept;
  }

  startOf(owner: Name): number {
    const chunk = this.chunkOf(owner);
    let index = this.#word(chunk, CHUNK.FIRST);
    for (const rrset of this.chunkRRsets(chunk)) {
      if (compareCanonical(rrset.owner, owner) >= 0) break;
      index++;
    }
    return index;
  }

  /** The chunk that has the owner's RRsets, or would have; 0 where there are none at all. */
  chunkOf(owner: Name): number {
    let low = 0;
    for (let high = this.chunkCount; high - low > 1;) {
      const middle = (low + high) >>> 1;
      if (compareCanonical(this.firstOwner(middle), owner) <= 0) low = middle;
      else high = middle;
    }
    return low;
  }

  firstOwner(chunk: number): Name {
    return this.#reader.owner(this.#slabOf(chunk), this.#word(chunk, CHUNK.OFFSET));
  }

  /** The RRsets of a chunk; none behind the last. */
  chunkRRsets(chunk: number): readonly T[] {
    if (this.#last?.chunk !== chunk) this.#last = { chunk, rrsets: this.#read(chunk) };
    return this.#last.rrsets;
  }

  /** The bytes of a chunk, and where they stand. */
  chunkBytes(chunk: number): { readonly slab: number; readonly offset: number; readonly bytes: Uint8Array } {
    const offset = this.#word(chunk, CHUNK.OFFSET);
    const end = offset + this.#word(chunk, CHUNK.BYTES);
    return {
      slab: this.#word(chunk, CHUNK.SLAB),
      offset,
      bytes: this.#slabOf(chunk).bytes.subarray(offset, end),
    };
  }

  countIn(chunk: number): number {
    const next = chunk + 1 < this.chunkCount ? this.#word(chunk + 1, CHUNK.FIRST) : this.length;
    return next - this.#word(chunk, CHUNK.FIRST);
  }

  longestTtlIn(chunk: number): number {
    return this.#word(chunk, CHUNK.LONGEST_TTL);
  }

  #chunkWith(index: number): number {
    let low = 0;
    for (let high = this.chunkCount; high - low > 1;) {
      const middle = (low + high) >>> 1;
      if (this.#word(middle, CHUNK.FIRST) <= index) low = middle;
      else high = middle;
    }
    return low;
  }

  #read(chunk: number): readonly T[] {
    const rrsets: RRset[] = [];
    if (chunk >= this.chunkCount) return [];
    const slab = this.#slabOf(chunk);
    const start = this.#word(chunk, CHUNK.OFFSET);
    const end = start + this.#word(chunk, CHUNK.BYTES);
    for (let at = start; at < end; at = endOfNode(slab, at)) this.#reader.read(slab, at, rrsets);
    return rrsets as T[];
  }

  #slabOf(chunk: number): NodeBytes {
    return this.#slabs[this.#word(chunk, CHUNK.SLAB)] as NodeBytes;
  }

  #word(chunk: number, word: number): number {
    return this.form.chunks[CHUNK.WORDS * chunk + word] ?? 0;
  }
}
