import { describe, expect, it } from 'vitest';
import { simulate, type Outcome } from '../../../../shared/simulation/scenario.ts';
import { keyRollsScenario } from './key-rolls.ts';

const scenario = keyRollsScenario(5);
const seeds = Array.from({ length: 50 }, (_, index) => index + 1);

function live(seed: number, ...bugs: readonly string[]): Promise<Outcome> {
  return simulate(scenario, { seed, bugs });
}

describe('five years of rolls of every kind, with slow parents and the worst of caches', () => {
  it.each(seeds)('are never bogus and come to an end: seed %i', async seed => {
    expect((await live(seed)).violations).toEqual([]);
  });

  it.each(Object.keys(scenario.bugs))('would be bogus for someone with the bug %s', async bug => {
    const found = [];
    for (const seed of seeds.slice(0, 10)) found.push(...(await live(seed, bug)).violations);
    expect(found.map(({ name }) => name)).toContain('no resolver finds the zone bogus');
  });
});
