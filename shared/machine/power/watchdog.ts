import type { WatchdogDevice } from './watchdog-device.ts';

/** The service reports every 10 s at the latest; three reports may be lost to a slow disk before the machine restarts. */
const TIMEOUT_SECONDS = 30;
/** While the machine starts, reading a large site may keep the event loop busy for longer. */
const START_TIMEOUT_SECONDS = 60;
const START_FEED_MS = 10_000;
/** The slowest start seen, emulated on a busy machine, took two minutes; one of five hangs. */
const START_MAX_MS = 300_000;
/** Feeding more often than this tells the hardware nothing new. */
const FEED_INTERVAL_MS = 1_000;

export interface Watchdog extends Disposable {
  /** A sign of life. From the first one on they must go on. @throws the system's error where the device refuses it */
  feed(): void;
}

/**
 * Watches over a machine from here on: for as long as it starts, that its event loop turns and that it comes to an end; after
 * the first {@link Watchdog.feed}, that the next one comes. Disposing it lets the machine stop without being restarted.
 * @throws the system's error where the hardware refuses the timeout; the device is then closed
 */
export function startWatchdog(device: WatchdogDevice): Watchdog {
  const startMs = performance.now();
  let fedAtMs: number | undefined;
  try {
    device.setTimeout(START_TIMEOUT_SECONDS);
  } catch (error) {
    // Opening it started it: left open, with nobody to feed it, it would restart the machine for ever.
    device.close();
    throw error;
  }
  const starting = setInterval(() => {
    if (performance.now() - startMs < START_MAX_MS) device.feed();
  }, START_FEED_MS);
  starting.unref();
  return {
    feed() {
      const nowMs = performance.now();
      if (fedAtMs !== undefined && nowMs - fedAtMs < FEED_INTERVAL_MS) return;
      device.feed();
      const isFirst = fedAtMs === undefined;
      fedAtMs = nowMs;
      if (!isFirst) return;
      clearInterval(starting);
      // Once and last: hardware that refuses it keeps the longer timeout of the start, and is fed all the same.
      device.setTimeout(TIMEOUT_SECONDS);
    },
    [Symbol.dispose]() {
      clearInterval(starting);
      device.close();
    },
  };
}
