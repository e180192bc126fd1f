import { describe, expect, it } from 'vitest';
import { simulate } from '../../../../shared/simulation/scenario.ts';
import { certificatesScenario } from './certificates.ts';
import { certificateBugs } from './planted-bugs.ts';

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);
/** The long form has three: `npm run test:long -- certificates`. */
const YEARS = 1;
const LONG_MS = 600_000;

describe(`certificates through ${YEARS} simulated year and ${SEEDS.length} seeds`, () => {
  const scenario = certificatesScenario(YEARS);

  it(
    'are never expired, never asked for too often, and not asked for again because of a restart',
    async () => {
      for (const seed of SEEDS) {
        const { violations } = await simulate(scenario, { seed });
        expect({ seed, violations }).toEqual({ seed, violations: [] });
      }
    },
    LONG_MS,
  );

  it.each(Object.keys(certificateBugs))(
    'show the planted bug %s',
    async bug => {
      let found = 0;
      for (const seed of SEEDS) {
        found = (await simulate(scenario, { seed, bugs: [bug] })).violations.length;
        if (found > 0) break;
      }
      expect(found).toBeGreaterThan(0);
    },
    LONG_MS,
  );

  it(
    'happen the same way for the same seed',
    async () => {
      const [one, two, other] = [
        await simulate(scenario, { seed: 7 }),
        await simulate(scenario, { seed: 7 }),
        await simulate(scenario, { seed: 8 }),
      ];
      expect(two).toEqual(one);
      expect(other.digest).not.toBe(one.digest);
    },
    LONG_MS,
  );
});
