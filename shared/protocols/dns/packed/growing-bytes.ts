import { viewOf } from '../../../base/bytes.ts';

/** Bytes that grow at the end. Numbers are written as the machine reads them through typed arrays: little-endian. */
export class GrowingBytes {
  #bytes = new Uint8Array(4_096);
  #view = viewOf(this.#bytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The bytes so far; valid until more are added. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Goes on behind the first `length` bytes, in the same memory. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Makes room for `count` bytes; where they begin. They are zero unless {@link truncate} was called. */
  extend(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = viewOf(larger);
    }
    return start;
  }

  append(bytes: Uint8Array): number {
    const start = this.extend(bytes.length);
    this.#bytes.set(bytes, start);
    return start;
  }

  align(): void {
    this.extend(-this.#length & 3);
  }

  word(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  setWord(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  setHalf(offset: number, value: number): void {
    this.#view.setUint16(offset, value, true);
  }
}
