import { expect, it } from 'vitest';
import type { Clock } from '../../../shared/devices/clock.ts';
import { inSlices } from './in-slices.ts';

/** A clock by which each look takes 5 ms. */
function slowClock(): { clock: Clock; sleeps: () => number } {
  let nowMs = 0;
  let sleeps = 0;
  const clock: Pick<Clock, 'monotonic' | 'sleep'> = {
    monotonic: () => (nowMs += 5),
    sleep: () => {
      sleeps++;
      return Promise.resolve();
    },
  };
  return { clock: clock as Clock, sleeps: () => sleeps };
}

it('inSlices() lets others in after each slice, and gives what comes out', async () => {
  function* work(): Generator<void, string> {
    for (let step = 0; step < 40; step++) yield;
    return 'done';
  }
  const { clock, sleeps } = slowClock();
  expect(await inSlices(work(), clock)).toBe('done');
  expect(sleeps()).toBe(10);
});
