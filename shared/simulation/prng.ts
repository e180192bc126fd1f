import { createHash } from 'node:crypto';
import { viewOf } from '../base/bytes.ts';

/**
 * A seeded generator of 32-bit numbers: xoshiro128** 1.1 by David Blackman and Sebastiano Vigna
 * (https://prng.di.unimi.it/xoshiro128starstar.c). Fast, well spread, the same on every machine; not fit for keys.
 */
export class Prng {
  readonly #seed: string;
  readonly #state: Uint32Array;

  /** The 128-bit state is taken from SHA-256 of `seed`, so that near seeds give unrelated streams. */
  constructor(seed: string) {
    this.#seed = seed;
    const view = viewOf(createHash('sha256').update(seed).digest());
    this.#state = new Uint32Array(4).map((_, index) => view.getUint32(index * 4));
    // The all-zero state would stay zero for ever.
    if (this.#state.every(word => word === 0)) this.#state[0] = 1;
  }

  /** A generator of its own for one purpose: drawing from it does not move this one. */
  fork(label: string): Prng {
    return new Prng(`${this.#seed}/${label}`);
  }

  /** 32 random bits as an unsigned number. */
  next(): number {
    const [s0, s1, s2, s3] = this.#state as unknown as [number, number, number, number];
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const x2 = s2 ^ s0;
    const x3 = s3 ^ s1;
    this.#state[1] = s1 ^ x2;
    this.#state[0] = s0 ^ x3;
    this.#state[2] = x2 ^ (s1 << 9);
    this.#state[3] = rotateLeft(x3, 11);
    return result;
  }

  /** A whole number from 0 up to `limit` (exclusive, at most 2^32). */
  below(limit: number): number {
    // Exact integer arithmetic below 2^53 for limits up to 2^21; beyond it rounding is the same everywhere (IEEE 754).
    return Math.floor((this.next() * limit) / 0x1_0000_0000);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True with `probability` from 0 to 1. A probability of 0 draws nothing, so that a world without a fault is not moved by it. */
  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability * 0x1_0000_0000;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(count);
    for (let index = 0; index < count; index += 4) {
      const word = this.next();
      for (let shift = 0; shift < 4 && index + shift < count; shift++)
        bytes[index + shift] = word >>> (shift * 8);
    }
    return bytes;
  }
}

function rotateLeft(word: number, count: number): number {
  return (word << count) | (word >>> (32 - count));
}
