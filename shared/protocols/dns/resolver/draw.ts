import { createHmac } from 'node:crypto';
import { encodeUtf8, viewOf } from '../../../base/bytes.ts';

/** What nobody can foretell who does not know the seed: the same numbers for the same seed, in their order. */
export class Draw {
  readonly #seed: Uint8Array;
  #count = 0;
  #block: Uint8Array = new Uint8Array();

  /** `seed`: 32 unpredictable bytes. */
  constructor(seed: Uint8Array) {
    this.#seed = seed;
  }

  /** A number of 16 bits. */
  uint16(): number {
    if (this.#block.length < 2)
      this.#block = createHmac('sha256', this.#seed)
        .update(encodeUtf8(String(this.#count++)))
        .digest();
    const value = viewOf(this.#block).getUint16(0);
    this.#block = this.#block.subarray(2);
    return value;
  }

  /** A whole number from 0 to below `limit`, which is far below 65,536. */
  below(limit: number): number {
    return this.uint16() % limit;
  }
}
