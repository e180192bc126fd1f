import { chownSync, closeSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { setWatchdogTimeout } from '../../host/ffi/watchdog-device.ts';
import { APPLIANCE_ID } from '../privileges.ts';

/** The service reports every 10 s at the latest; three reports may be lost to a slow disk before the machine restarts. */
const TIMEOUT_SECONDS = 30;
/** Feeding more often than this tells the hardware nothing new. */
const FEED_INTERVAL_MS = 1_000;
const FOLDER = '/sys/class/watchdog';
/** The kernel's own timer: it restarts a hung program, but not a hung kernel. */
const SOFTWARE = 'Software Watchdog';

export interface Watchdog {
  readonly name: string;
  /** Starts the watchdog at the first call and feeds it at each. */
  feed(): void;
  /** Ends it in order: the machine may now stop without being restarted. */
  close(): void;
}

/** The hardware's watchdog, or the kernel's own where there is none. It is opened now and started at the first feed. */
export function findWatchdog(): Watchdog | undefined {
  const found = listWatchdogs().toSorted(
    (left, right) => Number(left.isSoftware) - Number(right.isSoftware),
  )[0];
  if (found === undefined) return undefined;
  // Opening starts it, which comes later, when this program is no longer root.
  chownSync(found.path, APPLIANCE_ID, APPLIANCE_ID);
  let descriptor: number | undefined;
  let fedAtMs = 0;
  return {
    name: found.identity,
    feed() {
      const nowMs = performance.now();
      if (descriptor !== undefined && nowMs - fedAtMs < FEED_INTERVAL_MS) return;
      descriptor ??= start(found.path);
      writeSync(descriptor, '\0');
      fedAtMs = nowMs;
    },
    close() {
      if (descriptor === undefined) return;
      // linux Documentation/watchdog/watchdog-api.rst: 'V' before closing stops it ("magic close").
      writeSync(descriptor, 'V');
      closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

function start(path: string): number {
  const descriptor = openSync(path, 'w');
  setWatchdogTimeout(descriptor, TIMEOUT_SECONDS);
  return descriptor;
}

function listWatchdogs(): {
  readonly path: string;
  readonly identity: string;
  readonly isSoftware: boolean;
}[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER).flatMap(name => {
    const path = `/dev/${name}`;
    const file = `${FOLDER}/${name}/identity`;
    if (!existsSync(path)) return [];
    const identity = existsSync(file) ? readFileSync(file, 'utf8').trim() : name;
    return [{ path, identity, isSoftware: identity === SOFTWARE }];
  });
}
