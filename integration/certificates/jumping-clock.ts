import type { Clock, Timer } from '../../shared/devices/clock.ts';

interface Pending {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that goes as the real one, and can be moved on: waits of months end in a moment, requests take the time they take. */
export class JumpingClock implements Clock {
  readonly #pending = new Set<Pending>();
  #aheadMs = 0;

  /** How many wait for it at this moment. */
  get waiting(): number {
    return this.#pending.size;
  }

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  monotonic(): number {
    return performance.now() + this.#aheadMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = this.timer(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      const abort = (): void => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  timer(ms: number, callback: () => void): Timer {
    const pending: Pending = { dueMs: this.monotonic() + ms, callback };
    this.#pending.add(pending);
    const real = setTimeout(() => this.#fire(pending), Math.min(ms, REAL_MAX_MS));
    real.unref();
    const cancel = (): void => {
      clearTimeout(real);
      this.#pending.delete(pending);
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  /** Moves on to when the next wait ends, where that is within `maxMs`; else by `maxMs`. */
  jump(maxMs: number): void {
    const dueMs = Math.min(...[...this.#pending].map(pending => pending.dueMs));
    this.#aheadMs += Math.max(0, Math.min(maxMs, dueMs - this.monotonic()));
    for (const pending of this.#pending) if (pending.dueMs <= this.monotonic()) this.#fire(pending);
  }

  #fire(pending: Pending): void {
    if (this.#pending.delete(pending)) pending.callback();
  }
}

/** Real timers take at most this; nobody waits so long without a jump. */
const REAL_MAX_MS = 2 ** 31 - 1;
