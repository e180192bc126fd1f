import { encodeHuffman, huffmanLength } from './huffman.ts';

/** RFC 7541 §5.2: H, the string is coded. */
const IS_CODED = 0x80;
const STRING_PREFIX = 0x7f;

/** The integers and strings of a header block (RFC 7541 §5), one after another. */
export class BlockWriter {
  at = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  /** `maxBytes`: no block that is written gets longer. */
  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
  }

  /** RFC 7541 §5.1: an integer in the last bits, those of `prefix`, of a byte that begins by `pattern`, and as many bytes more as it takes. */
  integer(value: number, pattern: number, prefix: number): void {
    if (value < prefix) {
      this.#bytes[this.at++] = pattern | value;
      return;
    }
    this.#bytes[this.at++] = pattern | prefix;
    let rest = value - prefix;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.at++] = 0x80 | (rest & 0x7f);
    this.#bytes[this.at++] = rest;
  }

  /** RFC 7541 §5.2: the characters of `text`, which are bytes, coded where that is shorter. */
  text(text: string): void {
    const coded = huffmanLength(text);
    if (coded >= text.length) return this.plainText(text);
    this.integer(coded, IS_CODED, STRING_PREFIX);
    this.at = encodeHuffman(text, this.#bytes, this.at);
  }

  /** Never coded. */
  plainText(text: string): void {
    this.integer(text.length, 0, STRING_PREFIX);
    for (let index = 0; index < text.length; index++) this.#bytes[this.at++] = text.charCodeAt(index);
  }

  /** What has been written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.at);
  }
}
