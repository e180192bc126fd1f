import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('World', () => {
  it('runs three years in no time', async () => {
    const world = new World(1);
    const { clock } = world.host('a').devices;
    const threeYearsMs = 3 * 365 * 86_400_000;
    await world.run(() => clock.sleep(threeYearsMs));
    expect(world.nowMs).toBe(threeYearsMs);
  });

  it('says so when the work waits for what never comes', async () => {
    const world = new World(1);
    await expect(world.run(() => new Promise<void>(() => undefined))).rejects.toThrow('waits for ever');
  });

  it('throws on what the work throws', async () => {
    await expect(new World(1).run(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  });

  it('checks invariants after every event and reports each once', async () => {
    const world = new World(1);
    let value = 0;
    world.invariant('never three', () => (value === 3 ? 'it is three' : undefined));
    await world.run(async () => {
      for (value = 0; value < 6; value++) await world.sleep(10);
    });
    expect(world.violations).toEqual([{ atMs: 30, name: 'never three', detail: 'it is three' }]);
  });

  it('tells when what should come about does not', async () => {
    const world = new World(1);
    const isLate = (): string | undefined => (world.nowMs < 5_000 ? 'not yet' : undefined);
    await world.run(async () => {
      await world.eventually('soon', 10_000, isLate);
      expect(world.violations).toEqual([]);
      await world.eventually('at once', 1_000, () => 'never');
    });
    expect(world.violations).toMatchObject([{ name: 'at once', detail: 'not within 1000 ms: never' }]);
  });

  it('lets time stand while the real machine works', async () => {
    const world = new World(1);
    const { clock } = world.host('a').devices;
    let ticks = 0;
    const tick = async (): Promise<void> => {
      for (;;) {
        await clock.sleep(1);
        ticks++;
      }
    };
    await world.run(async () => {
      void tick();
      await clock.sleep(10.5);
      const digest = await world.whileTimeStands(crypto.subtle.digest('SHA-256', new Uint8Array(1_000_000)));
      expect(digest.byteLength).toBe(32);
    });
    expect(ticks).toBe(10);
  });
});
