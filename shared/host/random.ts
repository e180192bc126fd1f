import { assert } from '../base/assert.ts';
import type { SecureRandom } from '../devices/random.ts';

/** The contract's limit, which is also that of the system's own interface. */
const BYTES_MAX = 65_536;

/** The operating system's secure randomness. */
export function createHostRandom(): SecureRandom {
  return {
    secure: true,
    bytes(count) {
      assert(
        Number.isInteger(count) && count >= 0 && count <= BYTES_MAX,
        `cannot give ${count} random bytes`,
      );
      return crypto.getRandomValues(new Uint8Array(count));
    },
  };
}
