/** setTimeout takes at most 2³¹−1 ms; a later wake-up is reached in several sleeps. */
const SLEEP_MAX_MS = 2_000_000_000;

export interface WakeTimer extends Disposable {
  /** Calls at `atMs` on the monotonic clock; replaces what was set before. Infinity: never. */
  set(atMs: number): void;
}

/** One alarm for a machine that says itself when it wants to be woken. A call may come early; never late by design. */
export function createWakeTimer(onWake: () => void): WakeTimer {
  let timer: NodeJS.Timeout | undefined;
  return {
    set(atMs) {
      clearTimeout(timer);
      timer = undefined;
      if (atMs === Number.POSITIVE_INFINITY) return;
      timer = setTimeout(onWake, Math.max(0, Math.min(SLEEP_MAX_MS, Math.ceil(atMs - performance.now()))));
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
    },
  };
}
