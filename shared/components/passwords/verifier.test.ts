import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../appliance/testing/fakes.ts';
import { createHostRandom } from '../../host/random.ts';
import { deriveKey, SCRYPT_COST, type ScryptHash } from './scrypt-hash.ts';
import { PasswordVerifier } from './verifier.ts';

const always = (): boolean => true;
const cheap = { logCost: 4, blockSize: 8, parallelization: 1, salt: new Uint8Array(16) };

/** Seven hashes at their full cost take two seconds, and several times that on a busy machine. */
const SCRYPT_MS = 30_000;

async function setUp(cost: Omit<ScryptHash, 'key'> = cheap) {
  const clock = createFakeClock(0);
  const users = new Map([['anna', { ...cost, key: await deriveKey('right', cost) }]]);
  const verifier = new PasswordVerifier(users, { clock, secureRandom: createHostRandom() });
  return { clock, verifier };
}

const anna = { user: 'anna', password: 'right' };

describe('checking a password', () => {
  it.each([
    ['anna', 'right', 'right'],
    ['anna', 'wrong', 'wrong'],
    ['anna', '', 'wrong'],
    ['bert', 'right', 'wrong'],
    ['', '', 'wrong'],
  ])('%s with %s is %s', async (user, password, verdict) => {
    const { verifier } = await setUp();
    expect(await verifier.verify({ user, password }, always)).toBe(verdict);
    expect(verifier.isRemembered({ user, password })).toBe(verdict === 'right');
  });

  it(
    'takes as long for a user that there is not',
    async () => {
      const { verifier } = await setUp({ ...SCRYPT_COST, salt: new Uint8Array(16) });
      const timeOf = async (user: string): Promise<number> => {
        const times: number[] = [];
        for (let index = 0; index < 3; index++) {
          const begun = performance.now();
          await verifier.verify({ user, password: `wrong ${index}` }, always);
          times.push(performance.now() - begun);
        }
        return Math.min(...times);
      };
      const [there, notThere] = [await timeOf('anna'), await timeOf('nobody')];
      expect(notThere / there).toBeGreaterThan(0.3);
      expect(notThere / there).toBeLessThan(3);
    },
    SCRYPT_MS,
  );
});

describe('a password that was right', () => {
  it('is known for ten minutes', async () => {
    const { clock, verifier } = await setUp();
    await verifier.verify(anna, always);
    await clock.advance(599_000);
    expect(verifier.isRemembered(anna)).toBe(true);
    expect(verifier.isRemembered({ user: 'anna', password: 'wrong' })).toBe(false);
    await clock.advance(1_000);
    expect(verifier.isRemembered(anna)).toBe(false);
  });
});

describe('many at once', () => {
  it('with the same password are one attempt', async () => {
    const { verifier } = await setUp();
    let attempts = 0;
    const count = (): boolean => ++attempts > 0;
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(anna, count)));
    expect(new Set(verdicts)).toEqual(new Set(['right']));
    expect(attempts).toBe(1);
  });

  it('with different ones wait, up to a bound, and are refused where they may not try', async () => {
    const { verifier } = await setUp();
    const verdicts = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        verifier.verify({ user: 'anna', password: String(index) }, always),
      ),
    );
    expect(verdicts.filter(verdict => verdict === 'busy')).toHaveLength(8);
    expect(await verifier.verify(anna, () => false)).toBe('limited');
    expect(await verifier.verify(anna, always)).toBe('right');
  });
});
