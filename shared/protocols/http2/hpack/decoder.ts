import { decodeLatin1, type Latin1 } from '../../http/characters.ts';
import { BlockReader } from './block-reader.ts';
import { DynamicTable } from './dynamic-table.ts';
import { STATIC_ENTRIES, STATIC_NAMES, STATIC_VALUES } from './static-table.ts';

/** RFC 7541 §6: what begins by these bits, and the bits of its integer. */
const INDEXED = 0x80;
const INDEXED_PREFIX = 0x7f;
const LITERAL_TO_INDEX = 0x40;
const LITERAL_TO_INDEX_PREFIX = 0x3f;
const TABLE_SIZE = 0x20;
const TABLE_SIZE_PREFIX = 0x1f;
const LITERAL_PREFIX = 0x0f;

/** What is wrong with a field for who reads it, or undefined. Asked once for what the dynamic table holds. */
export type Judge = (name: string, value: string) => string | undefined;

/** Told of each field, with what {@link Judge} said of it; false: of no further one. */
export type OnField = (name: string, value: string, fault: string | undefined) => boolean;

const noFault: Judge = () => undefined;

/** The fields in the header blocks of one connection (RFC 7541), which are read in the order in which they came. */
export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #tableMaxBytes: number;
  readonly #reader: BlockReader;
  readonly #judge: Judge;
  #generation = 0;
  #wanted = true;

  /** `tableBytes` is our SETTINGS_HEADER_TABLE_SIZE. */
  constructor(tableBytes: number, latin1: Latin1 = decodeLatin1, judge: Judge = noFault) {
    this.#table = new DynamicTable(tableBytes);
    this.#tableMaxBytes = tableBytes;
    this.#reader = new BlockReader(latin1);
    this.#judge = judge;
  }

  /** Another one after every change of the dynamic table or its size: within one, the same bytes are the same fields. */
  get generation(): number {
    return this.#generation;
  }

  /** Bytes of the dynamic table as RFC 7541 §4.1 counts them. */
  get tableBytes(): number {
    return this.#table.bytes;
  }

  /**
   * A whole block, that of HEADERS and its CONTINUATIONs in one. Names and values are told as characters of the same number as their bytes.
   * Undefined, or what is wrong: RFC 9113 §4.3: a connection error COMPRESSION_ERROR, after which nothing can be read.
   */
  decode(bytes: Uint8Array, start: number, end: number, onField: OnField): string | undefined {
    const reader = this.#reader;
    reader.begin(bytes, start, end);
    this.#wanted = true;
    let mayResize = true;
    while (reader.at < end && reader.fault === undefined) {
      const first = bytes[reader.at] as number;
      if (first >= TABLE_SIZE && first < LITERAL_TO_INDEX) this.#resize(mayResize);
      else {
        mayResize = false;
        if (first >= INDEXED) this.#readIndexed(onField);
        else this.#readLiteral(first >= LITERAL_TO_INDEX, onField);
      }
    }
    reader.release();
    return reader.fault;
  }

  /** RFC 7541 §6.1. */
  #readIndexed(onField: OnField): void {
    const index = this.#reader.readInteger(INDEXED_PREFIX);
    const name = this.#nameAt(index);
    if (this.#reader.fault !== undefined || !this.#wanted) return;
    if (index <= STATIC_ENTRIES) {
      const value = STATIC_VALUES[index] as string;
      this.#wanted = onField(name, value, this.#judge(name, value));
      return;
    }
    const place = index - STATIC_ENTRIES - 1;
    this.#wanted = onField(name, this.#table.valueAt(place), this.#table.faultAt(place));
  }

  /** RFC 7541 §6.2. What is never to be indexed (§6.2.3) is told like the rest: fields go no further than this server in this coding. */
  #readLiteral(toIndex: boolean, onField: OnField): void {
    const reader = this.#reader;
    const index = reader.readInteger(toIndex ? LITERAL_TO_INDEX_PREFIX : LITERAL_PREFIX);
    const isRead = this.#wanted || toIndex;
    const name = index === 0 ? reader.readText(isRead) : this.#nameAt(index);
    if (reader.fault !== undefined) return;
    const value = reader.readText(isRead);
    if (reader.fault !== undefined || !isRead) return;
    const fault = this.#judge(name, value);
    if (toIndex) {
      this.#generation++;
      this.#table.add(name, value, fault);
    }
    if (this.#wanted) this.#wanted = onField(name, value, fault);
  }

  /** RFC 7541 §6.3. */
  #resize(mayResize: boolean): void {
    const maxBytes = this.#reader.readInteger(TABLE_SIZE_PREFIX);
    if (this.#reader.fault !== undefined) return;
    // RFC 7541 §4.2: at the beginning of a block alone. §6.3: no more than the setting allows.
    if (!mayResize) this.#reader.fault = 'the table changes its size within a block';
    else if (maxBytes > this.#tableMaxBytes) this.#reader.fault = 'the table is larger than allowed';
    else {
      this.#generation++;
      this.#table.resize(maxBytes);
    }
  }

  /** RFC 7541 §2.3.3: one space of indices for both tables. */
  #nameAt(index: number): string {
    if (index > 0 && index <= STATIC_ENTRIES) return STATIC_NAMES[index] as string;
    const place = index - STATIC_ENTRIES - 1;
    if (index > 0 && place < this.#table.entries) return this.#table.nameAt(place);
    // RFC 7541 §6.1: index 0 is an error; §2.3.3: so is one beyond both tables.
    this.#reader.fault ??= 'an index without an entry';
    return '';
  }
}
