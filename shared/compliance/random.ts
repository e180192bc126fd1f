import { describe, expect, it } from 'vitest';
import { AssertionError } from '../base/assert.ts';
import { formatHex } from '../base/bytes.ts';
import type { Random } from '../devices/random.ts';
import type { Make } from './waiting.ts';

export interface RandomWorld {
  readonly random: Random;
}

/** What every {@link Random} must do. */
export function describeRandom(name: string, make: Make<RandomWorld>): void {
  const check = (title: string, test: (random: Random) => void): void =>
    it(title, async () => {
      await using world = await make();
      test(world.random);
    });

  describe(`${name} gives random bytes`, () => {
    check('bytes() gives as many as asked, from none to the most', random => {
      for (const count of [0, 1, 13, 65_536]) expect(random.bytes(count).length).toBe(count);
    });

    check('bytes() gives fresh bytes in an array of the caller', random => {
      const first = random.bytes(16);
      const kept = formatHex(first);
      const second = random.bytes(16);
      expect(formatHex(second)).not.toBe(kept);
      second.fill(0);
      expect(formatHex(first)).toBe(kept);
      expect(first.buffer.byteLength).toBe(16);
    });

    check('bytes() are spread evenly', random => {
      const counts = new Uint32Array(256);
      for (const byte of random.bytes(65_536)) counts[byte]!++;
      // 256 of each are expected; 8 standard deviations (of 16) either way is never seen with fair bytes.
      expect(Math.min(...counts)).toBeGreaterThan(128);
      expect(Math.max(...counts)).toBeLessThan(384);
    });

    check('bytes() refuses what the contract does not allow', random => {
      for (const count of [-1, 1.5, 65_537, Number.NaN])
        expect(() => random.bytes(count)).toThrow(AssertionError);
    });
  });
}
