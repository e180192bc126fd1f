import { viewOf } from '../../../base/bytes.ts';
import { BLOCK } from '../compiled/layout.ts';
import type { CompiledZone } from '../compiled/compiled-zone.ts';
import { HEADER_BYTES } from '../message.ts';

/** RFC 1035 §4.1.4: a pointer has 14 bits, so what stands behind this cannot be pointed to. */
export const POINTER_TARGET_MAX = 0x3fff;
const POINTER = 0xc0;
/** Owner pointer, type, class, TTL and length of a record. */
export const RECORD_BYTES = 12;

/** The sections by their place in the header: the word that counts their records, from the third on (RFC 1035 §4.1.1). */
export const SECTION = { ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 2 } as const;

/** Writes one message at a time into memory that is given. Positions count from the message's start. Made once, used for all. */
export class Reply {
  bytes: Uint8Array = new Uint8Array();
  #view: DataView = viewOf(this.bytes);
  start = 0;
  /** Where the next record goes. */
  position = 0;
  /** The message ends here at the latest. */
  limit = 0;
  /** Records went missing that the message should have: TC is to be set (RFC 2181 §9). */
  truncated = false;
  /** Where the zone's apex stands in the question. */
  apexPosition = 0;
  /** Whether signatures go along with what they cover. */
  signed = false;
  readonly #counts = new Uint16Array(3);

  begin(bytes: Uint8Array, start: number): void {
    if (this.bytes !== bytes) {
      this.bytes = bytes;
      this.#view = viewOf(bytes);
    }
    this.start = start;
    this.truncated = false;
    this.apexPosition = 0;
    this.signed = false;
    this.clear(HEADER_BYTES);
  }

  /** Back to `position` with no records. */
  clear(position: number): void {
    this.position = position;
    this.#counts[0] = this.#counts[1] = this.#counts[2] = 0;
  }

  count(section: number): number {
    return this.#counts[section] as number;
  }

  add(section: number, records: number): void {
    this.#counts[section] = (this.#counts[section] as number) + records;
  }

  set16(position: number, value: number): void {
    const at = this.start + position;
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
  }

  /** RFC 1035 §4.1.4: in place of a name that stands at `target`. */
  setPointer(position: number, target: number): void {
    this.set16(position, (POINTER << 8) | target);
  }

  get16(position: number): number {
    const at = this.start + position;
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  set32(position: number, value: number): void {
    this.set16(position, value >>> 16);
    this.set16(position + 2, value);
  }

  /** Copies a few bytes without making an object of the part. */
  copy(from: Uint8Array, offset: number, length: number): void {
    const { bytes } = this;
    let to = this.start + this.position;
    for (const end = offset + length; offset < end;) bytes[to++] = from[offset++] as number;
    this.position += length;
  }

  /** Copies from the heap, by eight bytes: that is three times as fast, and no BigInt is made of them. */
  #copyRecords(zone: CompiledZone, offset: number, length: number): void {
    const { heap, heapView } = zone;
    const end = offset + length;
    let to = this.start + this.position;
    for (; offset + 8 <= end; offset += 8, to += 8)
      this.#view.setBigUint64(to, heapView.getBigUint64(offset, true), true);
    while (offset < end) this.bytes[to++] = heap[offset++] as number;
    this.position += length;
  }

  /** Writes the counts of the sections; the message's length. */
  end(): number {
    for (let section = 0; section < 3; section++) this.set16(6 + 2 * section, this.count(section));
    return this.position;
  }

  /** Adds an RRset whose owner stands at `owner` already, whole or not at all; whether there was room. */
  putRRset(zone: CompiledZone, block: number, owner: number, section: number): boolean {
    const start = this.position;
    const length = this.#lengthOf(zone, block);
    if (start + length > this.limit) return false;
    this.#copyRecords(zone, zone.recordsAt(block), length);
    this.add(section, this.#recordsOf(zone, block));
    if (owner !== HEADER_BYTES) this.#pointOwners(start, owner);
    this.#pointToApex(zone, block, start);
    return true;
  }

  /**
   * Adds an RRset to the authority section whose owner is in the message nowhere: the first `labelBytes` of `labels`, then the
   * apex. Whether there was room.
   */
  putNamedRRset(zone: CompiledZone, block: number, labels: Uint8Array, labelBytes: number): boolean {
    const records = this.#recordsOf(zone, block);
    let at = zone.recordsAt(block);
    const end = at + this.#lengthOf(zone, block);
    if (this.position + end - at + records * labelBytes > this.limit) return false;
    for (const owner = this.position; at < end;) {
      const length = RECORD_BYTES + ((zone.heap[at + 10] as number) << 8) + (zone.heap[at + 11] as number);
      const known = this.position > owner && owner <= POINTER_TARGET_MAX;
      if (!known) this.copy(labels, 0, labelBytes);
      this.setPointer(this.position, known ? owner : this.apexPosition);
      this.position += 2;
      this.#copyRecords(zone, at + 2, length - 2);
      at += length;
    }
    this.add(SECTION.AUTHORITY, records);
    return true;
  }

  /** The signatures of an RRset alone; whether there was room. */
  putSignatures(zone: CompiledZone, block: number, owner: number): boolean {
    const start = this.position;
    const length = zone.signaturesBytes(block);
    if (start + length > this.limit) return false;
    this.#copyRecords(zone, zone.recordsAt(block) + zone.recordsBytes(block), length);
    this.add(SECTION.ANSWER, zone.half(block, BLOCK.SIGNATURES));
    if (owner !== HEADER_BYTES) this.#pointOwners(start, owner);
    return true;
  }

  #lengthOf(zone: CompiledZone, block: number): number {
    const records = zone.recordsBytes(block);
    return this.signed ? records + zone.signaturesBytes(block) : records;
  }

  #recordsOf(zone: CompiledZone, block: number): number {
    const records = zone.half(block, BLOCK.RECORDS);
    return this.signed ? records + zone.half(block, BLOCK.SIGNATURES) : records;
  }

  /** Points the owner of every record from `start` on to `owner`: they were made for the question's name. */
  #pointOwners(start: number, owner: number): void {
    for (let at = start; at < this.position; at += RECORD_BYTES + this.get16(at + RECORD_BYTES - 2))
      this.setPointer(at, owner);
  }

  /** Points the names in the data to the apex in this question: they were made for the RRset's owner as the question. */
  #pointToApex(zone: CompiledZone, block: number, start: number): void {
    const fixups = zone.half(block, BLOCK.FIXUPS);
    if (fixups === 0 || zone.half(block, BLOCK.APEX_POSITION) === this.apexPosition) return;
    for (let number = 0; number < fixups; number++)
      this.setPointer(start + zone.fixup(block, number), this.apexPosition);
  }
}
