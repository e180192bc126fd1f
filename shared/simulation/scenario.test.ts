import { describe, expect, it } from 'vitest';
import type { Flow } from '../devices/tcp.ts';
import { type Outcome, type Scenario, simulate } from './scenario.ts';
import { counter } from './scenarios/counter.ts';
import { herd } from './scenarios/herd.ts';
import { deviceScenarios } from './scenarios/scenarios.ts';

const SEEDS = 50;
/** For fifty runs on a machine that is busy with other tests. */
const PATIENCE = { timeout: 120_000 };

describe('a run of the default scenario', PATIENCE, () => {
  it('replays byte for byte from its seed, with at least 1,000 events', async () => {
    const [first, second] = [await logOf(counter, 7), await logOf(counter, 7)];
    expect(second.text).toBe(first.text);
    expect(second.outcome).toEqual(first.outcome);
    expect(first.outcome.events).toBeGreaterThanOrEqual(1_000);
    expect(first.text.split('\n').length - 1).toBe(first.outcome.events);
  });

  it('differs with another seed', async () => {
    const [one, other] = [await logOf(counter, 7), await logOf(counter, 8)];
    expect(other.text).not.toBe(one.text);
    expect(other.outcome.digest).not.toBe(one.outcome.digest);
  });

  it('crashes, partitions and loses, so that what holds holds through faults', async () => {
    const { text } = await logOf(counter, 7);
    for (const fault of ['crash:', 'partition', 'reset', 'conditions', 'clock jumps', 'udp lost'])
      expect(text).toContain(fault);
  });

  it('refuses a bug that the scenario does not have', async () => {
    await expect(simulate(counter, { seed: 1, bugs: ['no-jitter'] })).rejects.toThrow(
      "scenario 'counter' has no bug 'no-jitter'; it has: skip-sync",
    );
  });
});

describe.each(deviceScenarios)('scenario $name', PATIENCE, scenario => {
  it('replays', async () => {
    const { digest } = await simulate(scenario, { seed: 3 });
    expect((await simulate(scenario, { seed: 3 })).digest).toBe(digest);
  });
});

describe.each([
  { scenario: counter, bug: 'skip-sync', broken: 'an acknowledged add survives' },
  { scenario: herd, bug: 'no-jitter', broken: 'newcomers are spread over time' },
])('scenario $scenario.name over fifty seeds', PATIENCE, ({ scenario, bug, broken }) => {
  it(`finds the planted bug ${bug}`, async () => {
    expect(await findSeed(scenario, broken, [bug])).toBeLessThanOrEqual(SEEDS);
  });

  it('finds nothing where nothing is planted', async () => {
    for (let seed = 1; seed <= SEEDS; seed++)
      expect((await simulate(scenario, { seed })).violations, `seed ${seed}`).toEqual([]);
  });
});

/** The first seed whose run breaks the promise, or Infinity where none of the fifty does. */
async function findSeed(scenario: Scenario, broken: string, bugs: readonly string[]): Promise<number> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations } = await simulate(scenario, { seed, bugs });
    if (violations.some(({ name }) => name === broken)) return seed;
  }
  return Infinity;
}

async function logOf(scenario: Scenario, seed: number): Promise<{ text: string; outcome: Outcome }> {
  let text = '';
  const outcome = await simulate(scenario, { seed, sink: lines => (text += lines) });
  return { text, outcome };
}

describe('simulate()', () => {
  it('takes errors that nobody looks after for violations', async () => {
    const careless: Scenario = {
      name: 'careless',
      summary: '',
      bugs: {},
      async run(world) {
        void Promise.reject(new Error('a forgotten promise'));
        const { tcp } = world.host('a').devices;
        const accepted = Promise.withResolvers<Flow>();
        await tcp.listen({ host: '::', port: 80 }, accepted.resolve);
        const flow = await tcp.connect({ host: '::1', port: 80 });
        flow.on('data', () => {
          throw new Error('a careless listener');
        });
        (await accepted.promise).write(Uint8Array.of(1));
        await world.sleep(1_000);
      },
    };
    const { violations } = await withoutRunnersOwnHandlers(() => simulate(careless, { seed: 1 }));
    expect(violations.map(({ detail }) => detail)).toEqual([
      'Error: a forgotten promise',
      'Error: a careless listener',
    ]);
  });
});

/** The test runner, too, listens for stray errors, and would fail the test that provokes them. */
async function withoutRunnersOwnHandlers<T>(work: () => Promise<T>): Promise<T> {
  const names = ['unhandledRejection', 'uncaughtException'] as const;
  const handlers = names.map(name => process.listeners(name as 'uncaughtException'));
  for (const name of names) process.removeAllListeners(name);
  try {
    return await work();
  } finally {
    names.forEach((name, index) => {
      for (const handler of handlers[index] ?? []) process.on(name, handler);
    });
  }
}
