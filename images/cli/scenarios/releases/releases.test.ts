import { describe, expect, it } from 'vitest';
import { simulate } from '../../../../shared/simulation/scenario.ts';
import { releasesScenario } from './releases.ts';

describe('releases through power cuts', () => {
  it('show the old or the new one, whole, through 1,200 of them', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const { violations } = await simulate(releasesScenario, { seed });
      expect(violations, `seed ${seed}`).toEqual([]);
    }
  });

  it('would not, were the last sync missing', async () => {
    const found = [];
    for (let seed = 1; seed <= 50 && found.length === 0; seed++)
      found.push(...(await simulate(releasesScenario, { seed, bugs: ['skip-sync'] })).violations);
    expect(found).not.toEqual([]);
  });
});
