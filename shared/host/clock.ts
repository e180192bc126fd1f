import type { Clock, Timer } from '../devices/clock.ts';

/** setTimeout counts in a signed 32-bit number: a longer wait would fire at once, so it is made of several. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/** The operating system's clocks. */
export function createHostClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep,
    timer(ms, callback) {
      const cancel = callAt(performance.now() + ms, callback, false);
      return { cancel, [Symbol.dispose]: cancel } satisfies Timer;
    },
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = callAt(
      performance.now() + ms,
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      true,
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Calls `callback` once the monotonic clock has reached `dueMs`, in a later turn. The function returned cancels it. */
function callAt(dueMs: number, callback: () => void, keepAlive: boolean): () => void {
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    const waitMs = Math.min(Math.max(Math.ceil(dueMs - performance.now()), 1), TIMEOUT_MAX_MS);
    handle = setTimeout(wake, waitMs);
    if (!keepAlive) handle.unref();
  };
  const wake = (): void => {
    // The event loop's time is in whole milliseconds and may run a little ahead of the clock that callers read.
    if (performance.now() < dueMs) arm();
    else callback();
  };
  arm();
  return () => clearTimeout(handle);
}
