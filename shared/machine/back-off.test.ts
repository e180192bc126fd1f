import { describe, expect, it } from 'vitest';
import { backOff, backOffHere } from './back-off.ts';

const LONG_MS = 60_000;
const refusing = {
  feed(): void {
    throw new Error('EIO');
  },
  [Symbol.dispose](): void {},
};

describe('the wait after a fault', () => {
  it('lasts its time, also where the watchdog refuses', async () => {
    const startMs = performance.now();
    await backOff(refusing, 30, new AbortController().signal);
    expect(backOffHere({ watchdog: refusing, waitMs: 30 })).toBe(false);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(59);
  });

  it('ends when the machine is asked to stop', async () => {
    const stop = new AbortController();
    const waited = backOff(undefined, LONG_MS, stop.signal);
    stop.abort();
    await waited;
    await backOff(undefined, LONG_MS, stop.signal);
  });

  it('ends at the button where the event loop has ended, and feeds the watchdog until then', () => {
    let fed = 0;
    let looks = 0;
    const watchdog = { feed: () => void fed++, [Symbol.dispose]: () => {} };
    const button = { wasPressed: () => ++looks === 2, [Symbol.dispose]: () => {} };
    expect(backOffHere({ watchdog, button, waitMs: LONG_MS })).toBe(true);
    expect(fed).toBe(2);
  });
});
