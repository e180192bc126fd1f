import { decodeLatin1, CR, LF, type Latin1 } from '../http/characters.ts';
import { ChunkedReader } from './chunked.ts';
import { CHUNKED } from './framing.ts';
import { beginScan, HEAD_LONG, HEAD_OPEN, scanHead, type HeadScan } from './head-scan.ts';
import type { KnownHeads } from './known-heads.ts';
import { refusal, type Refusal } from './refusal.ts';
import { parseRequestHead, type RequestHead } from './request-head.ts';

export interface RequestLimits {
  /** Request line and fields together. */
  readonly headerBytes: number;
  readonly headerFields: number;
}

/** What the bytes just read came to: the caller asks again as long as there are bytes, but after 'refused'. */
export type Reading = 'more' | 'head' | 'content' | 'end' | 'refused';

/** One or two empty lines are a habit of old clients; more are a way to keep a server busy. */
const EMPTY_LINES_MAX_BYTES = 8;

/**
 * The requests in the bytes of one connection (RFC 9112), in whatever pieces these come. Each request is one 'head', then 'content' as it
 * comes, then 'end' (at once, in the same reading as 'head', where `head.contentLength` is 0: there is no 'end' then).
 */
export class RequestStream {
  /** What the last {@link read} found. */
  reading: Reading = 'more';
  head: RequestHead | undefined;
  refused: Refusal | undefined;
  /** Whether {@link head} came, byte for byte, before; it is then the same object. */
  isRepeated = false;
  /** After 'content': from where to where it stands in the bytes given. */
  contentStart = 0;
  contentEnd = 0;
  readonly #latin1: Latin1;
  readonly #knownHeads: KnownHeads | undefined;
  readonly #scan: HeadScan;
  /** The beginning of a head whose end has not come. */
  #held: Uint8Array | undefined;
  #heldLength = 0;
  #contentLeft = 0;
  #chunked: ChunkedReader | undefined;
  #emptyLineBytes = 0;

  /** `knownHeads` are those of streams with the same limits. */
  constructor(limits: RequestLimits, latin1: Latin1 = decodeLatin1, knownHeads?: KnownHeads) {
    const { headerBytes, headerFields } = limits;
    this.#scan = { at: 0, lineStart: 0, lines: 0, maxBytes: headerBytes, maxLines: headerFields + 1 };
    this.#latin1 = latin1;
    this.#knownHeads = knownHeads;
  }

  get inContent(): boolean {
    return this.#contentLeft > 0 || this.#chunked !== undefined;
  }

  /** Reads from `start` on; where it stopped. The bytes are the caller's again afterwards. */
  read(bytes: Uint8Array, start: number, end: number): number {
    if (this.#contentLeft > 0) return this.#readContent(start, end);
    if (this.#chunked !== undefined) return this.#readChunked(this.#chunked, bytes, start, end);
    const from = this.#held === undefined ? this.#skipEmptyLines(bytes, start, end) : start;
    if (from < 0) return this.#refuse(end, refusal(400, 'empty lines'));
    if (from === end) return this.#tell('more', end);
    return this.#held === undefined
      ? this.#readHead(bytes, from, end)
      : this.#readMoreOfHead(this.#held, bytes, start, end);
  }

  #tell(reading: Reading, at: number): number {
    this.reading = reading;
    return at;
  }

  #refuse(at: number, why: Refusal): number {
    this.refused = why;
    return this.#tell('refused', at);
  }

  #readContent(start: number, end: number): number {
    const taken = Math.min(this.#contentLeft, end - start);
    this.#contentLeft -= taken;
    this.contentStart = start;
    this.contentEnd = start + taken;
    return this.#tell(this.#contentLeft === 0 ? 'end' : 'content', start + taken);
  }

  #readChunked(chunked: ChunkedReader, bytes: Uint8Array, start: number, end: number): number {
    const at = chunked.read(bytes, start, end);
    if (chunked.failed) return this.#refuse(at, refusal(400, 'chunk'));
    this.contentStart = chunked.dataStart;
    this.contentEnd = chunked.dataEnd;
    if (chunked.done) this.#chunked = undefined;
    return this.#tell(chunked.done ? 'end' : 'content', at);
  }

  /** RFC 9112 §2.2: an empty line before a request is ignored (old clients end content by one). Where the head begins, or −1. */
  #skipEmptyLines(bytes: Uint8Array, start: number, end: number): number {
    let index = start;
    for (; index < end; index++) {
      const byte = bytes[index];
      // CR and LF in turn; what comes in pieces is known by the parity of what was skipped.
      if (byte !== (this.#emptyLineBytes % 2 === 0 ? CR : LF)) break;
      if (++this.#emptyLineBytes > EMPTY_LINES_MAX_BYTES) return -1;
    }
    if (index < end && this.#emptyLineBytes % 2 === 1) return -1;
    return index;
  }

  #readHead(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#knownHeads?.find(bytes, start, end);
    if (known !== undefined) return this.#takeAgain(known, end);
    beginScan(this.#scan);
    const length = scanHead(bytes, start, end, this.#scan);
    if (length > 0) {
      const at = this.#take(bytes, start, start + length);
      if (this.reading === 'head') this.#knownHeads?.add(bytes, start, at, this.head as RequestHead);
      return at;
    }
    if (length !== HEAD_OPEN) return this.#refuse(end, this.#faultOf(length));
    this.#held = bytes.slice(start, end);
    this.#heldLength = end - start;
    return this.#tell('more', end);
  }

  #readMoreOfHead(held: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
    const before = this.#heldLength;
    // No more than the limit is ever kept, and one byte to see that it was passed.
    const total = Math.min(before + end - start, this.#scan.maxBytes + 1);
    const whole = held.length >= total ? held : grown(held, before, total);
    whole.set(bytes.subarray(start, start + total - before), before);
    this.#held = whole;
    this.#heldLength = total;
    const length = scanHead(whole, 0, total, this.#scan);
    if (length === HEAD_OPEN) return this.#tell('more', end);
    if (length < 0) return this.#refuse(end, this.#faultOf(length));
    this.#held = undefined;
    this.#heldLength = 0;
    this.#take(whole, 0, length);
    return start + length - before;
  }

  #faultOf(length: number): Refusal {
    if (length !== HEAD_LONG) return refusal(400, 'line end');
    // RFC 9112 §3: a target that is too long is 414. RFC 6585 §5: fields that are, 431.
    return this.#scan.lines === 0 ? refusal(414, 'request line') : refusal(431, 'fields');
  }

  /** A head without content. */
  #takeAgain(head: RequestHead, end: number): number {
    this.#emptyLineBytes = 0;
    this.isRepeated = true;
    this.head = head;
    return this.#tell('head', end);
  }

  #take(bytes: Uint8Array, start: number, end: number): number {
    this.#emptyLineBytes = 0;
    this.isRepeated = false;
    const head = parseRequestHead(bytes, start, end, this.#latin1);
    if ('status' in head) return this.#refuse(end, head);
    this.head = head;
    if (head.contentLength === CHUNKED) this.#chunked = new ChunkedReader();
    else this.#contentLeft = head.contentLength;
    return this.#tell('head', end);
  }
}

function grown(bytes: Uint8Array, used: number, needed: number): Uint8Array {
  const larger = new Uint8Array(Math.max(needed, bytes.length * 2));
  larger.set(bytes.subarray(0, used));
  return larger;
}
