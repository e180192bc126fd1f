import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatchdogDevice } from './watchdog-device.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** A device that notes when it would have restarted the machine. */
describe('startWatchdog()', () => {
  let endsAtMs = 0;
  let fed = 0;
  let timeoutMs = 0;
  let refusedSeconds: number | undefined;
  let watchdog: Watchdog;
  let device: WatchdogDevice;
  const isRestarted = (): boolean => performance.now() >= endsAtMs;
  const passFeeding = (seconds: number): void => {
    for (let left = seconds; left > 0; left -= 5) {
      watchdog.feed();
      vi.advanceTimersByTime(5_000);
    }
  };

  beforeEach(() => {
    vi.useFakeTimers();
    fed = 0;
    const feed = (): void => void (endsAtMs = performance.now() + timeoutMs);
    refusedSeconds = undefined;
    device = {
      setTimeout(seconds) {
        if (seconds === refusedSeconds) throw new Error('EINVAL');
        timeoutMs = seconds * 1_000;
        feed();
      },
      feed() {
        fed++;
        feed();
      },
      close: () => void (endsAtMs = Number.POSITIVE_INFINITY),
    };
    watchdog = startWatchdog(device);
  });
  afterEach(() => {
    watchdog[Symbol.dispose]();
    vi.useRealTimers();
  });

  it('restarts a machine whose start does not turn its event loop', () => {
    expect(endsAtMs - performance.now()).toBe(60_000);
  });

  it('leaves a slow start alone, and restarts one that never ends', () => {
    vi.advanceTimersByTime(290_000);
    expect(isRestarted()).toBe(false);
    vi.advanceTimersByTime(70_000);
    expect(isRestarted()).toBe(true);
  });

  it('wants a sign of life every 30 s from the first one on', () => {
    vi.advanceTimersByTime(20_000);
    passFeeding(600);
    expect(isRestarted()).toBe(false);
    vi.advanceTimersByTime(30_000);
    expect(isRestarted()).toBe(true);
  });

  it('tells the hardware at most once a second', () => {
    for (let turn = 0; turn < 100; turn++) watchdog.feed();
    expect(fed).toBe(1);
  });

  it('is fed on by a machine whose hardware refuses the shorter timeout', () => {
    refusedSeconds = 30;
    expect(() => watchdog.feed()).toThrow('EINVAL');
    vi.advanceTimersByTime(5_000);
    passFeeding(600);
    expect(isRestarted()).toBe(false);
    expect(fed).toBe(121);
  });

  it('stops hardware that refuses the timeout of the start, which nobody would feed', () => {
    watchdog[Symbol.dispose]();
    // Opening it has started it.
    endsAtMs = performance.now() + 60_000;
    refusedSeconds = 60;
    expect(() => startWatchdog(device)).toThrow('EINVAL');
    vi.advanceTimersByTime(1e9);
    expect(isRestarted()).toBe(false);
  });

  it('lets a machine stop that closes it', () => {
    watchdog[Symbol.dispose]();
    vi.advanceTimersByTime(1e9);
    expect(isRestarted()).toBe(false);
  });
});
