import { assert } from '../base/assert.ts';
import type { Random, SecureRandom } from '../devices/random.ts';
import type { Prng } from './prng.ts';

const COUNT_MAX = 65_536;

export function createSimulatedRandom(prng: Prng): Random {
  return {
    bytes(count) {
      assert(Number.isInteger(count) && count >= 0 && count <= COUNT_MAX, `random bytes: ${count}`);
      return prng.bytes(count);
    },
  };
}

/**
 * The type says `secure`, the bytes come from the seed: services that make keys could not run in a simulation
 * otherwise. The type still does its work, since only a world hands this out and no image contains one.
 */
export function createSimulatedSecureRandom(prng: Prng): SecureRandom {
  return { ...createSimulatedRandom(prng), secure: true };
}
