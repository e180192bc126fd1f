import { openSync, readFileSync, writeSync } from 'node:fs';

export type Level = 'info' | 'good' | 'bad';
export type Announce = (line: string, level?: Level) => void;

const COLOUR: Readonly<Record<Level, string>> = { info: '', good: '\u001b[32m', bad: '\u001b[1;31m' };
const PLAIN = '\u001b[0m';
/** A serial line that nobody drains must not stop the machine: after so many refusals the rest of a line is lost. */
const REFUSALS_MAX = 1_000;
const STANDARD_OUTPUT = 1;

/**
 * Lines for the person in front of the machine, on every console the kernel has: /dev/console alone is only the last
 * one named on its command line, so that a screen or a serial line would stay dark. Writes at once and never throws.
 */
export function createConsole(): Announce {
  const screens = [STANDARD_OUTPUT, ...openOtherConsoles()];
  return (line, level = 'info') => {
    const coloured = COLOUR[level] === '' ? line : `${COLOUR[level]}${line}${PLAIN}`;
    for (const screen of screens) writeLine(screen, Buffer.from(`${coloured}\n`));
  };
}

/** The kernel lists the active consoles with the one behind /dev/console last. */
function openOtherConsoles(): number[] {
  try {
    const names = readFileSync('/sys/class/tty/console/active', 'utf8').trim().split(' ').slice(0, -1);
    return names.flatMap(name => openConsole(`/dev/${name}`));
  } catch {
    return [];
  }
}

function openConsole(path: string): number[] {
  try {
    return [openSync(path, 'w')];
  } catch {
    return [];
  }
}

function writeLine(descriptor: number, bytes: Buffer): void {
  let rest: Uint8Array = bytes;
  for (let refusals = 0; rest.length > 0 && refusals < REFUSALS_MAX;) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      // Node sets a terminal to non-blocking; a slow serial line then says EAGAIN until it has room again.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      refusals += 1;
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
