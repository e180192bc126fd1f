import { viewOf } from '../../base/bytes.ts';

const NOTHING = new Uint8Array(0);

/**
 * Reads TLS's presentation language (RFC 8446 §3) from front to back. Where bytes are missing it is broken and at its end from then
 * on, and gives zeros and empty vectors: the reader asks once, when it is done.
 */
export class Cursor {
  #rest: Uint8Array;
  #isBroken = false;

  constructor(bytes: Uint8Array) {
    this.#rest = bytes;
  }

  /** Something was asked for that is not there. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  get isAtEnd(): boolean {
    return this.#rest.length === 0;
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** An unsigned number of one or two bytes. */
  number(length: 1 | 2): number {
    const bytes = this.#take(length);
    if (bytes.length === 0) return 0;
    return length === 1 ? viewOf(bytes).getUint8(0) : viewOf(bytes).getUint16(0);
  }

  /** A vector with its length in front of it (RFC 8446 §3.4), as a view. */
  vector(lengthBytes: 1 | 2): Uint8Array {
    return this.#take(this.number(lengthBytes));
  }

  #take(length: number): Uint8Array {
    if (length > this.#rest.length) this.#isBroken = true;
    const taken = this.#isBroken ? NOTHING : this.#rest.subarray(0, length);
    this.#rest = this.#isBroken ? NOTHING : this.#rest.subarray(length);
    return taken;
  }
}
