/** `somepseudorandomlygeneratedbytes`, in words of 32 bits, the low one of each pair first. */
const START = [
  0x7073_6575, 0x736f_6d65, 0x6e64_6f6d, 0x646f_7261, 0x6e65_7261, 0x6c79_6765, 0x7974_6573, 0x7465_6462,
];
const V0 = 0;
const V1 = 2;
const V2 = 4;
const V3 = 6;

/**
 * SipHash-2-4 ("SipHash: a fast short-input PRF", Aumasson and Bernstein), on memory that is made once. Numbers of 64
 * bits stand as two of 32 bits, the low one first.
 */
export class SipHash {
  /** The hash: eight bytes, little-endian as RFC 9018 §4.4 has them. */
  readonly hash: Uint8Array = new Uint8Array(8);
  readonly #state = new Int32Array(8);

  /** The hash of `length` bytes of `data`, with the 16 bytes of key at `keyAt` of `keys`. */
  update(data: Uint8Array, length: number, keys: Uint8Array, keyAt: number): void {
    const state = this.#state;
    for (let index = 0; index < 8; index++)
      state[index] = (START[index] as number) ^ word(keys, keyAt + 4 * (index & 3));
    const whole = length & ~7;
    for (let at = 0; at < whole; at += 8) this.#block(word(data, at), word(data, at + 4));
    // The last block has what is left and, at its top, the length.
    let low = 0;
    let high = length << 24;
    for (let at = whole; at < length; at++) {
      const shift = 8 * (at & 3);
      if (at - whole < 4) low |= (data[at] as number) << shift;
      else high |= (data[at] as number) << shift;
    }
    this.#block(low, high);
    state[V2] = (state[V2] as number) ^ 0xff;
    for (let round = 0; round < 4; round++) this.#round();
    for (let index = 0; index < 8; index++) {
      const half = index >>> 2;
      const mixed =
        (state[V0 + half] as number) ^
        (state[V1 + half] as number) ^
        (state[V2 + half] as number) ^
        (state[V3 + half] as number);
      this.hash[index] = mixed >>> (8 * (index & 3));
    }
  }

  #block(low: number, high: number): void {
    const state = this.#state;
    state[V3] = (state[V3] as number) ^ low;
    state[V3 + 1] = (state[V3 + 1] as number) ^ high;
    this.#round();
    this.#round();
    state[V0] = (state[V0] as number) ^ low;
    state[V0 + 1] = (state[V0 + 1] as number) ^ high;
  }

  #round(): void {
    this.#mix(V0, V1, 13);
    this.#swap(V0);
    this.#mix(V2, V3, 16);
    this.#mix(V0, V3, 21);
    this.#mix(V2, V1, 17);
    this.#swap(V2);
  }

  /** Adds the second to the first, turns the second by `bits` to the left, and folds the first into it. */
  #mix(first: number, second: number, bits: number): void {
    const state = this.#state;
    const low = state[second] as number;
    const high = state[second + 1] as number;
    const sum = ((state[first] as number) >>> 0) + (low >>> 0);
    state[first] = sum;
    state[first + 1] = (state[first + 1] as number) + high + (sum > 0xffff_ffff ? 1 : 0);
    state[second] = ((low << bits) | (high >>> (32 - bits))) ^ state[first];
    state[second + 1] = ((high << bits) | (low >>> (32 - bits))) ^ (state[first + 1] as number);
  }

  /** A turn by 32 bits. */
  #swap(at: number): void {
    const state = this.#state;
    const low = state[at] as number;
    state[at] = state[at + 1] as number;
    state[at + 1] = low;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
