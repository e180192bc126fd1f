import type { AskedName } from './asked-name.ts';
import {
  aligned,
  BLOCK,
  BLOCK_BYTES,
  BLOCK_RECORDS_BYTES,
  BLOCK_SIGNATURES_BYTES,
  HASH_WORDS,
  HEADER,
  HEADER_BYTES,
  LINK,
  NODE,
  SLOT_WORDS,
  ZONE,
} from './layout.ts';
import { mixHash } from './name-hash.ts';

/** No such zone, node or block. */
export const NONE = -1;

/** Reads compiled zones. Zones and nodes are known by their numbers, blocks by their place in the heap. */
export class CompiledZones {
  readonly shared: SharedArrayBuffer;
  readonly bytes: Uint8Array;
  readonly header: Uint32Array;
  readonly zones: Uint32Array;
  readonly zoneSlots: Int32Array;
  readonly nodes: Uint32Array;
  readonly nodeSlots: Int32Array;
  readonly hashes: Uint32Array;
  readonly heap: Uint8Array;
  readonly heapView: DataView;
  readonly #heapHalves: Uint16Array;
  readonly #heapWords: Uint32Array;
  readonly #zoneMask: number;
  readonly #nodeMask: number;

  constructor(shared: SharedArrayBuffer) {
    const header = new Uint32Array(shared, 0, HEADER_BYTES / 4);
    const read = (word: number): number => header[word] as number;
    const heapAt = read(HEADER.HEAP_AT);
    this.shared = shared;
    this.bytes = new Uint8Array(shared);
    this.header = header;
    this.zones = new Uint32Array(shared, read(HEADER.ZONES_AT), ZONE.WORDS * read(HEADER.ZONE_COUNT));
    this.zoneSlots = new Int32Array(
      shared,
      read(HEADER.ZONE_SLOTS_AT),
      SLOT_WORDS * read(HEADER.ZONE_SLOT_COUNT),
    );
    this.nodes = new Uint32Array(shared, read(HEADER.NODES_AT), NODE.WORDS * read(HEADER.NODE_COUNT));
    this.nodeSlots = new Int32Array(
      shared,
      read(HEADER.NODE_SLOTS_AT),
      SLOT_WORDS * read(HEADER.NODE_SLOT_COUNT),
    );
    this.hashes = new Uint32Array(shared, read(HEADER.HASHES_AT), HASH_WORDS * read(HEADER.HASH_COUNT));
    this.heap = new Uint8Array(shared, heapAt);
    this.heapView = new DataView(shared, heapAt);
    this.#heapHalves = new Uint16Array(shared, heapAt);
    this.#heapWords = new Uint32Array(shared, heapAt);
    this.#zoneMask = read(HEADER.ZONE_SLOT_COUNT) - 1;
    this.#nodeMask = read(HEADER.NODE_SLOT_COUNT) - 1;
  }

  zoneWord(zone: number, word: number): number {
    return this.zones[zone * ZONE.WORDS + word] as number;
  }

  /** The zone whose apex is the asked name's ancestor of `depth` labels, or {@link NONE}. */
  findZone(name: AskedName, depth: number): number {
    const hash = mixHash(name.hashes[depth] as number, 0);
    const slots = this.zoneSlots;
    for (let slot = hash & this.#zoneMask; ; slot = (slot + 1) & this.#zoneMask) {
      const zone = (slots[SLOT_WORDS * slot + 1] as number) - 1;
      if (zone === NONE) return NONE;
      if (slots[SLOT_WORDS * slot] === hash && this.#isApex(zone, name, depth)) return zone;
    }
  }

  #isApex(zone: number, name: AskedName, depth: number): boolean {
    const length = this.zoneWord(zone, ZONE.APEX_BYTES);
    return length === name.ends[depth] && name.equals(this.heap, this.zoneWord(zone, ZONE.APEX), 0, length);
  }

  /** Whether the whole name is the zone's apex or stands below it. */
  isInZone(zone: number, name: AskedName): boolean {
    const depth = this.zoneWord(zone, ZONE.DEPTH);
    return name.labels >= depth && this.#isApex(zone, name, depth);
  }

  /** The node of the zone that is the asked name's ancestor of `depth` labels, or {@link NONE}. */
  findNode(zone: number, name: AskedName, depth: number): number {
    const hash = mixHash(name.hashes[depth] as number, zone + 1);
    const slots = this.nodeSlots;
    for (let slot = hash & this.#nodeMask; ; slot = (slot + 1) & this.#nodeMask) {
      const node = (slots[SLOT_WORDS * slot + 1] as number) - 1;
      if (node === NONE) return NONE;
      if (slots[SLOT_WORDS * slot] === hash && this.#isNode(zone, node, name, depth)) return node;
    }
  }

  #isNode(zone: number, node: number, name: AskedName, depth: number): boolean {
    const zoneEntry = zone * ZONE.WORDS;
    // The slots are shared by all zones.
    if (node < (this.zones[zoneEntry + ZONE.FIRST_NODE] as number)) return false;
    if (node >= (this.zones[zoneEntry + ZONE.NODES_END] as number)) return false;
    const start = this.zones[zoneEntry + ZONE.APEX_BYTES] as number;
    const length = this.nameBytes(node);
    if (start + length !== name.ends[depth]) return false;
    return name.equals(this.heap, this.nameAt(node), start, length);
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
