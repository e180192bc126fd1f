import { setTimeout as sleep } from 'node:timers/promises';
import type { PowerButton } from './power/power-button.ts';
import type { Watchdog } from './power/watchdog.ts';

/** Well within the watchdog's 30 s. */
const FEED_MS = 5_000;
/** How soon a pressed button is noticed by a program that can no longer be told. */
const LOOK_MS = 250;

/** Waits with the watchdog fed, since the wait is meant, until its time is over or an end is asked for. */
export async function backOff(
  watchdog: Watchdog | undefined,
  waitMs: number,
  stop: AbortSignal,
): Promise<void> {
  for (let leftMs = waitMs; leftMs > 0 && !stop.aborted; leftMs -= FEED_MS) {
    feed(watchdog);
    // A button that is pressed meanwhile ends the wait and is no fault of it.
    await sleep(Math.min(leftMs, FEED_MS), undefined, { signal: stop }).catch(() => {});
  }
}

/** The same where nothing asynchronous happens any more. Gives whether the power button was pressed meanwhile. */
export function backOffHere(parts: {
  readonly watchdog?: Watchdog | undefined;
  readonly button?: PowerButton;
  readonly waitMs: number;
}): boolean {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (let leftMs = parts.waitMs; leftMs > 0; leftMs -= LOOK_MS) {
    feed(parts.watchdog);
    Atomics.wait(nobody, 0, 0, Math.min(leftMs, LOOK_MS));
    if (parts.button?.wasPressed() === true) return true;
  }
  return false;
}

function feed(watchdog: Watchdog | undefined): void {
  try {
    watchdog?.feed();
  } catch {
    // A watchdog that refuses restarts the machine, which is what is waited for.
    return;
  }
}
