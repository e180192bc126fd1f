import type { Clock, Timer } from '../devices/clock.ts';
import type { Life } from './life.ts';

/** Every world begins at 2026-01-01T00:00:00Z: a fixed moment, inside the validity of certificates that tests make. */
export const WORLD_START_MS = 1_767_225_600_000;

/** The wall clock of one host. It outlives crashes, as a real-time clock with a battery does. */
export interface WallClock {
  /** How far it is ahead of the world's own time. */
  offsetMs: number;
}

/** Time moves only when the world moves it; `wall.offsetMs` may jump at any moment and `monotonic` does not notice. */
export function createSimulatedClock(life: Life, wall: WallClock): Clock {
  return {
    now: () => WORLD_START_MS + Math.floor(life.nowUs / 1_000 + wall.offsetMs),
    monotonic: () => life.nowUs / 1_000,
    sleep: (ms, signal) => sleep(life, ms, signal),
    timer: (ms, callback) => startTimer(life, ms, callback),
  };
}

function sleep(life: Life, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const event = life.after(ms * 1_000, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      life.cancel(event);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function startTimer(life: Life, ms: number, callback: () => void): Timer {
  const event = life.after(ms * 1_000, callback);
  const cancel = (): void => life.cancel(event);
  return { cancel, [Symbol.dispose]: cancel };
}
