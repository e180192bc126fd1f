import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { setWatchdogTimeout } from '../../host/ffi/watchdog-device.ts';

const FOLDER = '/sys/class/watchdog';
/** The kernel's own timer: it restarts a hung program, but not a hung kernel. */
const SOFTWARE = 'Software Watchdog';

export interface WatchdogDevice {
  setTimeout(seconds: number): void;
  feed(): void;
  close(): void;
}

/**
 * Opens, and thereby starts, the hardware's watchdog, or the kernel's own where there is none. Undefined where there is neither.
 * @throws the system's error where it cannot be opened
 */
export function openWatchdogDevice(): WatchdogDevice | undefined {
  const found = listWatchdogs().toSorted(
    (left, right) => Number(left.isSoftware) - Number(right.isSoftware),
  )[0];
  if (found === undefined) return undefined;
  const descriptor = openSync(found.path, 'w');
  return {
    setTimeout: seconds => void setWatchdogTimeout(descriptor, seconds),
    feed: () => void writeSync(descriptor, '\0'),
    close() {
      // linux Documentation/watchdog/watchdog-api.rst: 'V' before closing stops it ("magic close").
      writeSync(descriptor, 'V');
      closeSync(descriptor);
    },
  };
}

function listWatchdogs(): { readonly path: string; readonly isSoftware: boolean }[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER).flatMap(name => {
    const path = `/dev/${name}`;
    const file = `${FOLDER}/${name}/identity`;
    if (!existsSync(path)) return [];
    const identity = existsSync(file) ? readFileSync(file, 'utf8').trim() : name;
    return [{ path, isSoftware: identity === SOFTWARE }];
  });
}
