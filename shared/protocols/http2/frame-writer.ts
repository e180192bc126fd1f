import { FRAME_HEADER_BYTES } from './frame.ts';
import { PLAIN_PRIMITIVES, type Http2Primitives } from './primitives.ts';

const NOTHING = new Uint8Array(0);

/** Writes frames, one after the other, into memory it is lent. The caller sees to it that there is room. */
export class FrameWriter {
  at = 0;
  #into: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  readonly #copy: Http2Primitives['copy'];

  constructor(copy: Http2Primitives['copy'] = PLAIN_PRIMITIVES.copy) {
    this.#copy = copy;
  }

  begin(into: Uint8Array, start: number, end: number): void {
    this.#into = into;
    this.#start = start;
    this.#end = end;
    this.at = start;
  }

  /** For the payload of a frame; below 0 where not even its header fits. */
  get room(): number {
    return this.#end - this.at - FRAME_HEADER_BYTES;
  }

  get hasWritten(): boolean {
    return this.at > this.#start;
  }

  /** RFC 9113 §4.1. */
  header(length: number, type: number, flags: number, stream: number): void {
    const into = this.#into;
    const at = this.at;
    into[at] = length >>> 16;
    into[at + 1] = length >>> 8;
    into[at + 2] = length;
    into[at + 3] = type;
    into[at + 4] = flags;
    this.at = at + 5;
    this.uint32(stream);
  }

  uint8(value: number): void {
    this.#into[this.at++] = value;
  }

  uint16(value: number): void {
    this.uint8(value >>> 8);
    this.uint8(value);
  }

  uint32(value: number): void {
    const into = this.#into;
    const at = this.at;
    into[at] = value >>> 24;
    into[at + 1] = value >>> 16;
    into[at + 2] = value >>> 8;
    into[at + 3] = value;
    this.at = at + 4;
  }

  copy(bytes: Uint8Array, start: number, end: number): void {
    this.#copy(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.#into, this.at);
    this.at += end - start;
  }
}
