import { decodeName, equalNames, isAtOrBelow, nameBytes, type Name } from '../name.ts';
import { HEADER_BYTES as MESSAGE_HEADER_BYTES, TYPE } from '../message.ts';
import { namesIn } from '../record-types/wire.ts';
import type { RRset } from '../rrset.ts';
import { GrowingBytes } from '../packed/growing-bytes.ts';
import {
  aligned,
  BLOCK,
  BLOCK_BYTES,
  BLOCK_RECORDS_BYTES,
  BLOCK_SIGNATURES_BYTES,
  LINK,
  LINK_FLAG,
} from './layout.ts';

export interface BlockOptions {
  /** The data of the RRSIG records that cover the RRset. */
  readonly signatures: readonly Uint8Array[];
  /** Of the records and, by RFC 4034 §3, of their signatures; absent: the RRset's own. */
  readonly ttlSeconds?: number;
}

/** A link whose addresses are to be found when all blocks have their places. */
export interface OpenLink {
  /** Where it stands in the heap. */
  readonly at: number;
  readonly target: Name;
}

/** Bytes of a record between its owner and its data: RFC 1035 §4.1.3. */
const FIELDS_BYTES = 10;
const POINTER = 0xc000;
const MESSAGE_MAX_BYTES = 0xffff;
const COUNT_MAX = 0xffff;
/** Whose names' addresses go into the additional section: RFC 1035 §3.3, RFC 2782, RFC 9460 §4.1. */
const LINKED: ReadonlySet<number> = new Set([TYPE.NS, TYPE.MX, TYPE.SRV, TYPE.SVCB, TYPE.HTTPS]);

/** Encodes RRsets of one zone into blocks. */
export class BlockEncoder {
  readonly openLinks: OpenLink[] = [];
  readonly #heap: GrowingBytes;
  readonly #apex: Name;
  /** The records of the block at hand; reused. */
  readonly #wire = new GrowingBytes();
  #fixups: number[] = [];
  #links: { position: number; flags: number; target: Name }[] = [];

  constructor(heap: GrowingBytes, apex: Name) {
    this.#heap = heap;
    this.#apex = apex;
  }

  /** Writes the block; where it stands in the heap. */
  write(rrset: RRset, { signatures, ttlSeconds = rrset.ttlSeconds }: BlockOptions): number {
    this.#wire.truncate(0);
    this.#fixups = [];
    this.#links = [];
    const apexPosition = MESSAGE_HEADER_BYTES + nameBytes(rrset.owner) - nameBytes(this.#apex);
    for (const data of rrset.data) this.#record(rrset, { data, ttlSeconds, apexPosition });
    const recordsBytes = this.#wire.length;
    for (const data of signatures) this.#plainRecord(TYPE.RRSIG, ttlSeconds, data);
    // No message can hold such a set, so its positions, which have 16 bits, are never asked for.
    if (this.#wire.length > MESSAGE_MAX_BYTES) this.#links = this.#fixups = [];
    const block = this.#header(rrset, recordsBytes, apexPosition);
    this.#heap.setHalf(block + 2 * BLOCK.SIGNATURES, Math.min(signatures.length, COUNT_MAX));
    this.#heap.append(this.#wire.bytes);
    this.#heap.align();
    return block;
  }

  /** All of the block but its records. */
  #header(rrset: RRset, recordsBytes: number, apexPosition: number): number {
    const heap = this.#heap;
    heap.align();
    const block = heap.extend(BLOCK_BYTES);
    heap.setHalf(block + 2 * BLOCK.TYPE, rrset.type);
    heap.setHalf(block + 2 * BLOCK.RECORDS, Math.min(rrset.data.length, COUNT_MAX));
    heap.setHalf(block + 2 * BLOCK.LINKS, this.#links.length);
    heap.setHalf(block + 2 * BLOCK.FIXUPS, this.#fixups.length);
    heap.setHalf(block + 2 * BLOCK.APEX_POSITION, apexPosition);
    heap.setWord(block + BLOCK_RECORDS_BYTES, recordsBytes);
    heap.setWord(block + BLOCK_SIGNATURES_BYTES, this.#wire.length - recordsBytes);
    for (const { position, flags, target } of this.#links) {
      const at = heap.extend(4 * LINK.WORDS);
      heap.setWord(at + 4 * LINK.NAME, position | (flags << 16));
      this.openLinks.push({ at, target });
    }
    const fixupsAt = heap.extend(aligned(2 * this.#fixups.length));
    this.#fixups.forEach((position, index) => heap.setHalf(fixupsAt + 2 * index, position));
    return block;
  }

  #record(
    { owner, type }: RRset,
    record: { readonly data: Uint8Array; readonly ttlSeconds: number; readonly apexPosition: number },
  ): void {
    const { data, ttlSeconds, apexPosition } = record;
    const start = this.#plainRecord(type, ttlSeconds, new Uint8Array());
    let copied = 0;
    for (const { offset, compressible } of namesIn(type, data)) {
      const decoded = decodeName(data, offset);
      if (!decoded.ok) continue;
      this.#wire.append(data.subarray(copied, offset));
      if (LINKED.has(type)) this.#link(type, owner, decoded.value.name);
      copied = decoded.value.end;
      const wire = data.subarray(offset, copied);
      if (compressible && this.#apex.length > 0 && isAtOrBelow(decoded.value.name, this.#apex))
        this.#compressed(wire, apexPosition);
      else this.#wire.append(wire);
    }
    this.#wire.append(data.subarray(copied));
    this.#big16(start + FIELDS_BYTES, this.#wire.length - start - FIELDS_BYTES - 2);
  }

  /** Owner (the question), type, class, TTL, length and data; where it begins. */
  #plainRecord(type: number, ttlSeconds: number, data: Uint8Array): number {
    const start = this.#wire.extend(2 + FIELDS_BYTES);
    this.#big16(start, POINTER | MESSAGE_HEADER_BYTES);
    this.#big16(start + 2, type);
    this.#big16(start + 4, 1);
    this.#big16(start + 6, ttlSeconds >>> 16);
    this.#big16(start + 8, ttlSeconds & 0xffff);
    this.#big16(start + FIELDS_BYTES, data.length);
    this.#wire.append(data);
    return start;
  }

  /** A name of the zone, with a pointer in place of the apex, which every question of the zone ends in (RFC 1035 §4.1.4). */
  #compressed(name: Uint8Array, apexPosition: number): void {
    this.#wire.append(name.subarray(0, name.length - nameBytes(this.#apex)));
    this.#fixups.push(this.#wire.length);
    this.#big16(this.#wire.extend(2), POINTER | apexPosition);
  }

  #link(type: number, owner: Name, target: Name): void {
    const own = (type === TYPE.SVCB || type === TYPE.HTTPS) && target.length === 0;
    if (!isAtOrBelow(target, this.#apex) && !own) return;
    const needed = type === TYPE.NS && owner.length > this.#apex.length && isAtOrBelow(target, owner);
    const flags = (needed ? LINK_FLAG.NEEDED : 0) | (own ? LINK_FLAG.OWNER : 0);
    const linked = own ? owner : target;
    // Several records may lead to one host, whose addresses are told once.
    if (this.#links.some(link => equalNames(link.target, linked))) return;
    this.#links.push({ position: this.#wire.length, flags, target: linked });
  }

  #big16(offset: number, value: number): void {
    this.#wire.setHalf(offset, ((value & 0xff) << 8) | (value >>> 8));
  }
}
