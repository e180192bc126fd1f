import type { AskedName } from './asked-name.ts';
import {
  aligned,
  BLOCK,
  BLOCK_BYTES,
  BLOCK_RECORDS_BYTES,
  BLOCK_SIGNATURES_BYTES,
  HASH_WORDS,
  LINK,
  NODE,
  SLOT_WORDS,
  ZONE,
} from './layout.ts';
import { scatterHash } from './name-hash.ts';

/** No such node or block. */
export const NONE = -1;

/** The node of the zone's own name: the first. */
export const APEX_NODE = 0;

/** The name of a compiled zone's apex, root first, without looking at the rest. */
export function apexOf(zone: SharedArrayBuffer): Uint8Array {
  const header = new Uint32Array(zone, 0, ZONE.WORDS);
  const at = (header[ZONE.HEAP_AT] as number) + (header[ZONE.APEX] as number);
  return new Uint8Array(zone, at, header[ZONE.APEX_BYTES]);
}

/** Reads a compiled zone. Nodes are known by their numbers, blocks by their place in the heap. */
export class CompiledZone {
  /** False: there is nothing to answer from, since no primary gave it yet, or it has expired. */
  readonly isAnswered: boolean;
  /** Labels of the apex. */
  readonly depth: number;
  /** Bytes of the apex without the root's. */
  readonly apexBytes: number;
  /** The block of the SOA of negative answers. */
  readonly negativeSoa: number;
  /** See `DENIAL` of the layout. */
  readonly denial: number;
  readonly iterations: number;
  readonly saltAt: number;
  readonly saltBytes: number;
  readonly nodes: Uint32Array;
  readonly nodeSlots: Int32Array;
  readonly hashes: Uint32Array;
  readonly hashCount: number;
  readonly heap: Uint8Array;
  readonly heapView: DataView;
  readonly #apexAt: number;
  readonly #heapHalves: Uint16Array;
  readonly #heapWords: Uint32Array;
  readonly #nodeMask: number;

  constructor(shared: SharedArrayBuffer) {
    const header = new Uint32Array(shared, 0, ZONE.WORDS);
    const read = (word: number): number => header[word] as number;
    const heapAt = read(ZONE.HEAP_AT);
    this.isAnswered = read(ZONE.NODE_COUNT) > 0;
    this.depth = read(ZONE.DEPTH);
    this.#apexAt = read(ZONE.APEX);
    this.apexBytes = read(ZONE.APEX_BYTES);
    this.negativeSoa = read(ZONE.NEGATIVE_SOA);
    this.denial = read(ZONE.DENIAL);
    this.iterations = read(ZONE.ITERATIONS);
    this.saltAt = read(ZONE.SALT);
    this.saltBytes = read(ZONE.SALT_BYTES);
    this.nodes = new Uint32Array(shared, read(ZONE.NODES_AT), NODE.WORDS * read(ZONE.NODE_COUNT));
    this.nodeSlots = new Int32Array(
      shared,
      read(ZONE.NODE_SLOTS_AT),
      SLOT_WORDS * read(ZONE.NODE_SLOT_COUNT),
    );
    this.hashCount = read(ZONE.HASH_COUNT);
    this.hashes = new Uint32Array(shared, read(ZONE.HASHES_AT), HASH_WORDS * this.hashCount);
    this.heap = new Uint8Array(shared, heapAt);
    this.heapView = new DataView(shared, heapAt);
    this.#heapHalves = new Uint16Array(shared, heapAt);
    this.#heapWords = new Uint32Array(shared, heapAt);
    this.#nodeMask = read(ZONE.NODE_SLOT_COUNT) - 1;
  }

  /** Whether the whole name is the zone's apex or stands below it. */
  contains(name: AskedName): boolean {
    if (name.labels < this.depth || name.ends[this.depth] !== this.apexBytes) return false;
    return name.equals(this.heap, this.#apexAt, 0, this.apexBytes);
  }

  /** The node that is the asked name's ancestor of `depth` labels, at or below the apex, or {@link NONE}. */
  findNode(name: AskedName, depth: number): number {
    const hash = scatterHash(name.hashes[depth] as number);
    const slots = this.nodeSlots;
    for (let slot = hash & this.#nodeMask; ; slot = (slot + 1) & this.#nodeMask) {
      const node = (slots[SLOT_WORDS * slot + 1] as number) - 1;
      if (node === NONE) return NONE;
      if (slots[SLOT_WORDS * slot] === hash && this.#isNode(node, name, depth)) return node;
    }
  }

  #isNode(node: number, name: AskedName, depth: number): boolean {
    const length = this.nameBytes(node);
    if (this.apexBytes + length !== name.ends[depth]) return false;
    return name.equals(this.heap, this.nameAt(node), this.apexBytes, length);
  }

  /** Where in the heap the node's name below the apex stands, root first. */
  nameAt(node: number): number {
    return this.nodes[node * NODE.WORDS + NODE.HEAP] as number;
  }

  nameBytes(node: number): number {
    return (this.nodes[node * NODE.WORDS + NODE.INFO] as number) & 0xff;
  }

  flags(node: number): number {
    return ((this.nodes[node * NODE.WORDS + NODE.INFO] as number) >>> 8) & 0xff;
  }

  blockCount(node: number): number {
    return (this.nodes[node * NODE.WORDS + NODE.INFO] as number) >>> 16;
  }

  /** The node `*` directly below, or 0. */
  wildcard(node: number): number {
    return this.nodes[node * NODE.WORDS + NODE.WILDCARD] as number;
  }

  /** The first node that is not below. */
  end(node: number): number {
    return this.nodes[node * NODE.WORDS + NODE.END] as number;
  }

  firstBlock(node: number): number {
    const name = this.nodes[node * NODE.WORDS + NODE.HEAP] as number;
    return aligned(name + this.nameBytes(node));
  }

  nextBlock(block: number): number {
    return aligned(this.recordsAt(block) + this.recordsBytes(block) + this.signaturesBytes(block));
  }

  /** The node's RRset of that type, or {@link NONE}. */
  findBlock(node: number, type: number): number {
    let block = this.firstBlock(node);
    for (let left = this.blockCount(node); left > 0; left--) {
      if (this.half(block, BLOCK.TYPE) === type) return block;
      block = this.nextBlock(block);
    }
    return NONE;
  }

  /** One of the 16-bit numbers of a block. */
  half(block: number, index: number): number {
    return this.#heapHalves[(block >>> 1) + index] as number;
  }

  recordsBytes(block: number): number {
    return this.#heapWords[(block + BLOCK_RECORDS_BYTES) >>> 2] as number;
  }

  signaturesBytes(block: number): number {
    return this.#heapWords[(block + BLOCK_SIGNATURES_BYTES) >>> 2] as number;
  }

  /** A word of the block's link of that number. */
  link(block: number, number: number, word: number): number {
    return this.#heapWords[((block + BLOCK_BYTES) >>> 2) + number * LINK.WORDS + word] as number;
  }

  /** Where in the block's records a pointer to the apex stands. */
  fixup(block: number, number: number): number {
    const links = this.half(block, BLOCK.LINKS);
    return this.#heapHalves[((block + BLOCK_BYTES + 4 * LINK.WORDS * links) >>> 1) + number] as number;
  }

  /** Where the records begin; the signatures follow them. */
  recordsAt(block: number): number {
    const links = this.half(block, BLOCK.LINKS);
    const fixups = this.half(block, BLOCK.FIXUPS);
    return block + BLOCK_BYTES + 4 * LINK.WORDS * links + aligned(2 * fixups);
  }
}
