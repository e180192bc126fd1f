import { describe, expect, it } from 'vitest';
import type { Clock } from '../devices/clock.ts';
import type { Make } from './waiting.ts';

export interface ClockWorld {
  readonly clock: Clock;
}

/** What every {@link Clock} must do. */
export function describeClock(name: string, make: Make<ClockWorld>): void {
  const check = (title: string, test: (clock: Clock) => Promise<void>): void =>
    it(title, async () => {
      await using world = await make();
      await test(world.clock);
    });

  describe(`${name} tells time`, () => {
    check('monotonic() never goes back', async clock => {
      let last = clock.monotonic();
      for (let turn = 0; turn < 20; turn++) {
        await clock.sleep(1);
        expect(clock.monotonic()).toBeGreaterThanOrEqual(last);
        last = clock.monotonic();
      }
    });

    check('now() is in milliseconds of our era', async clock => {
      expect(clock.now()).toBeGreaterThan(0);
      expect(Number.isFinite(clock.now())).toBe(true);
    });
  });

  describe(`${name} sleeps`, () => {
    check('sleep() takes at least as long as asked', async clock => {
      for (const ms of [1, 7, 30]) {
        const start = clock.monotonic();
        await clock.sleep(ms);
        expect(clock.monotonic() - start).toBeGreaterThanOrEqual(ms);
      }
    });

    check('sleep(0) and a negative sleep resolve in a later turn', async clock => {
      let slept = false;
      const sleeping = clock.sleep(0).then(() => (slept = true));
      await Promise.resolve();
      expect(slept).toBe(false);
      await sleeping;
      await clock.sleep(-5);
    });

    check('shorter sleeps end first', async clock => {
      const order: number[] = [];
      await Promise.all([40, 5, 20].map(ms => clock.sleep(ms).then(() => order.push(ms))));
      expect(order).toEqual([5, 20, 40]);
    });

    check('sleep() throws the reason of a signal that is aborted already', async clock => {
      const stop = new AbortController();
      stop.abort(new Error('not needed'));
      await expect(clock.sleep(10_000, stop.signal)).rejects.toThrow('not needed');
    });

    check('sleep() throws the reason at once when the signal is aborted meanwhile', async clock => {
      const stop = new AbortController();
      const start = clock.monotonic();
      const sleeping = clock.sleep(60_000, stop.signal);
      clock.timer(10, () => stop.abort(new Error('no more')));
      await expect(sleeping).rejects.toThrow('no more');
      expect(clock.monotonic() - start).toBeLessThan(30_000);
    });
  });

  describe(`${name} has timers`, () => {
    check('timer() calls once, not within the call and not early', async clock => {
      const start = clock.monotonic();
      const calls: number[] = [];
      clock.timer(15, () => calls.push(clock.monotonic() - start));
      expect(calls).toEqual([]);
      await clock.sleep(60);
      expect(calls.length).toBe(1);
      expect(calls[0]).toBeGreaterThanOrEqual(15);
    });

    check('a cancelled or disposed timer never calls; cancelling afterwards does nothing', async clock => {
      let calls = 0;
      const cancelled = clock.timer(5, () => calls++);
      cancelled.cancel();
      {
        using _disposed = clock.timer(5, () => calls++);
      }
      const due = clock.timer(5, () => calls++);
      await clock.sleep(40);
      due.cancel();
      cancelled.cancel();
      expect(calls).toBe(1);
    });

    check('a timer longer than 2^31 ms does not fire at once', async clock => {
      let called = false;
      using _timer = clock.timer(2 ** 31 + 1_000, () => (called = true));
      await clock.sleep(20);
      expect(called).toBe(false);
    });
  });
}
