import { equalBytes } from '../../../base/bytes.ts';
import { equalNames, isWrittenAlike, lowerByte, type Name } from '../name.ts';
import { compareCanonical, type RRset, type Zone } from '../rrset.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { encodeNode } from './packed-node.ts';
import { CHUNK, PackedRRsets } from './packed-rrsets.ts';

/**
 * A name in so many begins a chunk, and which ones is decided by the name alone: so the chunks of two versions are the same where their
 * content is, however the second was made.
 */
const NAMES_A_CHUNK = 16;

/** Chunks are moved into buffers of about this size: few enough to be handed over in no time, and none so large that it lies idle. */
const SLAB_BYTES = 256 * 1024;

/** Versions keep the buffers of those before as long as one chunk of them is theirs. What lies idle in them is so much and as much as does not, at most. */
const IDLE_BYTES_MIN = 32 * 1024;

export interface PackerOptions<T extends RRset> {
  readonly apex: Name;
  /** Whether RRsets have `signatures`. */
  readonly isSigned: boolean;
  /** Chunks that are the same are taken over from it. */
  readonly before?: PackedRRsets<T> | undefined;
}

/** The zone with its RRsets, which are in canonical order, packed. */
export function packZone(apex: Name, rrsets: Iterable<RRset>): Zone {
  return { apex, rrsets: packRRsets({ apex, isSigned: false }, rrsets) };
}

export function packRRsets<T extends RRset>(options: PackerOptions<T>, rrsets: Iterable<T>): PackedRRsets<T> {
  const packer = new RRsetPacker(options);
  for (const rrset of rrsets) packer.add(rrset);
  return packer.finish();
}

/** Packs RRsets that come in canonical order. */
export class RRsetPacker<T extends RRset> {
  readonly #options: PackerOptions<T>;
  readonly #slabs: (SharedArrayBuffer | undefined)[] = [];
  readonly #slabNumbers = new Map<SharedArrayBuffer, number>();
  readonly #chunks: number[] = [];
  /** Chunks that wait for the slab of that number, and the one that grows, from `#start` on. */
  readonly #waiting = new GrowingBytes();
  #waitingSlab: number | undefined;
  #start = 0;
  /** RRsets of closed chunks, and of the one that grows. */
  #length = 0;
  #growing = 0;
  #longestTtl = 0;
  /** The owners that the growing chunk begins and ends with, and from where on it is looked for in `before`. */
  #firstOwner: Name = [];
  #lastOwner: Name = [];
  #beforeAt = 0;
  #node: T[] = [];

  constructor(options: PackerOptions<T>) {
    this.#options = options;
  }

  add(rrset: T): void {
    const [first] = this.#node;
    if (first !== undefined && !isWrittenAlike(first.owner, rrset.owner)) this.#endNode();
    this.#node.push(rrset);
  }

  /** The RRsets of a chunk, as they are. */
  addChunk(from: PackedRRsets<T>, chunk: number): void {
    this.#endNode();
    this.#endChunk();
    this.#keep(from, chunk);
  }

  finish(): PackedRRsets<T> {
    this.#endNode();
    this.#endChunk();
    this.#endSlab();
    const { apex, isSigned } = this.#options;
    const slabs = this.#slabs as SharedArrayBuffer[];
    const chunks = Uint32Array.from(this.#chunks);
    const packed = new PackedRRsets<T>({ apex, isSigned, length: this.#length, slabs, chunks });
    return isWasteful(packed) ? packRRsets({ apex, isSigned }, packed) : packed;
  }

  #endNode(): void {
    const [first] = this.#node;
    if (first === undefined) return;
    const { owner } = first;
    // RRsets of one name may write it in different cases, which are nodes of one chunk.
    if (this.#growing > 0 && beginsChunk(owner) && !equalNames(owner, this.#lastOwner)) this.#endChunk();
    this.#lastOwner = owner;
    if (this.#growing === 0) {
      this.#firstOwner = owner;
      this.#longestTtl = 0;
    }
    encodeNode(this.#node, this.#waiting);
    this.#growing += this.#node.length;
    for (const { ttlSeconds } of this.#node) this.#longestTtl = Math.max(this.#longestTtl, ttlSeconds);
    this.#node = [];
  }

  #endChunk(): void {
    if (this.#growing === 0) return;
    const same = this.#findBefore();
    if (same !== undefined) {
      this.#waiting.truncate(this.#start);
      this.#growing = 0;
      return this.#keep(this.#options.before as PackedRRsets<T>, same);
    }
    this.#waitingSlab ??= this.#slabs.push(undefined) - 1;
    const bytes = this.#waiting.length - this.#start;
    this.#chunks.push(this.#waitingSlab, this.#start, bytes, this.#length, this.#longestTtl);
    this.#length += this.#growing;
    this.#growing = 0;
    this.#start = this.#waiting.length;
    if (this.#start >= SLAB_BYTES) this.#endSlab();
  }

  /** The chunk of `before` that is the same as the one that ends. */
  #findBefore(): number | undefined {
    const { before } = this.#options;
    if (before === undefined) return undefined;
    for (; this.#beforeAt < before.chunkCount; this.#beforeAt++) {
      const order = compareCanonical(before.firstOwner(this.#beforeAt), this.#firstOwner);
      if (order > 0) break;
      const { bytes } = before.chunkBytes(this.#beforeAt);
      if (order === 0 && equalBytes(bytes, this.#waiting.bytes.subarray(this.#start))) return this.#beforeAt;
    }
    return undefined;
  }

  #keep(from: PackedRRsets<T>, chunk: number): void {
    const { slab, offset, bytes } = from.chunkBytes(chunk);
    const buffer = from.form.slabs[slab] as SharedArrayBuffer;
    let number = this.#slabNumbers.get(buffer);
    if (number === undefined) {
      number = this.#slabs.push(buffer) - 1;
      this.#slabNumbers.set(buffer, number);
    }
    this.#chunks.push(number, offset, bytes.length, this.#length, from.longestTtlIn(chunk));
    this.#length += from.countIn(chunk);
  }

  #endSlab(): void {
    if (this.#waitingSlab === undefined) return;
    const slab = new SharedArrayBuffer(this.#waiting.length);
    new Uint8Array(slab).set(this.#waiting.bytes);
    this.#slabs[this.#waitingSlab] = slab;
    this.#waitingSlab = undefined;
    this.#waiting.truncate(0);
    this.#start = 0;
  }
}

function beginsChunk(owner: Name): boolean {
  let hash = 0;
  for (const label of owner) for (const byte of label) hash = Math.imul(hash, 31) + lowerByte(byte);
  return ((hash ^ (hash >>> 15)) >>> 0) % NAMES_A_CHUNK === 0;
}

function isWasteful({ form: { slabs, chunks } }: PackedRRsets): boolean {
  let idle = slabs.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let used = 0;
  for (let at = CHUNK.BYTES; at < chunks.length; at += CHUNK.WORDS) used += chunks[at] as number;
  idle -= used;
  return idle > used + IDLE_BYTES_MIN;
}
