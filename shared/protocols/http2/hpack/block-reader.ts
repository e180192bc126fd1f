import type { Latin1 } from '../../http/characters.ts';
import { decodeHuffman, huffmanDecodedMax } from './huffman.ts';

/** RFC 7541 §5.1: bytes of an integer after its prefix. Four hold 2^28, more than any block has bytes; longer ones are errors. */
const INTEGER_MORE_BYTES_MAX = 4;

/** RFC 7541 §5.2: H, the string is coded. */
const IS_CODED = 0x80;

/** Strings of one block, one at a time. A longer one, which only somebody with strange fields sends, has its own. */
const scratch = new Uint8Array(8 * 1024);

/** The integers and strings of a header block (RFC 7541 §5). */
export class BlockReader {
  /** What is wrong with the block; it is not to be read on then. */
  fault: string | undefined;
  at = 0;
  end = 0;
  #bytes: Uint8Array = scratch;
  readonly #latin1: Latin1;

  constructor(latin1: Latin1) {
    this.#latin1 = latin1;
  }

  begin(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.at = start;
    this.end = end;
    this.fault = undefined;
  }

  /** The bytes are the caller's. */
  release(): void {
    this.#bytes = scratch;
  }

  /** RFC 7541 §5.1: an integer whose first bits, those of `prefix`, are in the byte at hand. */
  readInteger(prefix: number): number {
    const first = (this.#bytes[this.at++] as number) & prefix;
    return first < prefix ? first : this.#readMore(prefix);
  }

  /** RFC 7541 §5.2. Where it is not `wanted`, it is checked alone. */
  readText(wanted: boolean): string {
    if (this.at >= this.end) return this.#fail('a string is missing');
    const isCoded = ((this.#bytes[this.at] as number) & IS_CODED) !== 0;
    const length = this.readInteger(IS_CODED - 1);
    if (this.fault !== undefined) return '';
    const start = this.at;
    if (length > this.end - start) return this.#fail('a string is longer than its block');
    this.at = start + length;
    if (isCoded) return this.#readCoded(start, wanted);
    return wanted ? this.#latin1(this.#bytes, start, this.at) : '';
  }

  #readMore(prefix: number): number {
    let value = prefix;
    for (let bytes = 0; bytes < INTEGER_MORE_BYTES_MAX && this.at < this.end; bytes++) {
      const byte = this.#bytes[this.at++] as number;
      value += (byte & 0x7f) << (7 * bytes);
      if (byte < 0x80) return value;
    }
    this.#fail('an integer does not end');
    return 0;
  }

  #readCoded(start: number, wanted: boolean): string {
    // A step writes one byte further than what it ends.
    const needed = huffmanDecodedMax(this.at - start) + 1;
    const into = needed <= scratch.length ? scratch : new Uint8Array(needed);
    const length = decodeHuffman(this.#bytes, start, this.at, into);
    if (length < 0) return this.#fail('a string is not coded as it should be');
    return wanted ? this.#latin1(into, 0, length) : '';
  }

  #fail(reason: string): '' {
    this.fault = reason;
    return '';
  }
}
