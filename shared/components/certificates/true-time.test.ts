import { beforeEach, describe, expect, it } from 'vitest';
import { createTrueTime, type TrueTime } from './true-time.ts';

const TRUE_MS = Date.UTC(2026, 10, 23);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let wallMs: number;
let monotonicMs: number;
let time: TrueTime;
beforeEach(() => {
  wallMs = TRUE_MS;
  monotonicMs = 1_000;
  time = createTrueTime({ now: () => wallMs, monotonic: () => monotonicMs });
});
const pass = (ms: number): void => {
  wallMs += ms;
  monotonicMs += ms;
};

describe('the time by which certificates are judged', () => {
  it('is the clock’s while nobody says otherwise, but is not confirmed', () => {
    expect([time.now(), time.isConfirmed()]).toEqual([TRUE_MS, false]);
  });

  it('is the clock’s where an authority agrees, and stays confirmed', () => {
    time.learn(TRUE_MS + 2_000);
    pass(30 * DAY_MS);
    expect([time.now(), time.isConfirmed()]).toEqual([TRUE_MS + 30 * DAY_MS, true]);
  });

  it.each([-400 * DAY_MS, 20 * 365 * DAY_MS])(
    'is the authority’s for an hour where the clock is %d ms off',
    errorMs => {
      wallMs += errorMs;
      time.learn(TRUE_MS);
      pass(HOUR_MS / 2);
      expect([time.now(), time.isConfirmed()]).toEqual([TRUE_MS + HOUR_MS / 2, true]);
      pass(HOUR_MS);
      expect(time.isConfirmed()).toBe(false);
    },
  );

  it('has to be confirmed anew when the clock jumps, as after a guest slept', () => {
    time.learn(TRUE_MS);
    pass(2 * HOUR_MS);
    wallMs += DAY_MS;
    expect([time.now(), time.isConfirmed()]).toEqual([TRUE_MS + DAY_MS + 2 * HOUR_MS, false]);
  });

  it('is never before the date of issue of a certificate in hand', () => {
    wallMs = 0;
    time.learnAtLeast(TRUE_MS);
    expect(time.now()).toBe(TRUE_MS);
  });
});
