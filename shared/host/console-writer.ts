import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { encodeUtf8 } from '../base/bytes.ts';
import { createWritableCheck } from './ffi/writable.ts';

/** What waits while nobody takes it: the last minutes of a calm log, or a moment of a flood. */
export const CONSOLE_PENDING_MAX_BYTES = 256 * 1024;

/** POSIX PIPE_BUF: so much a pipe that is writable takes at once. */
const WRITE_MAX_BYTES = 4_096;

/** How soon it is tried again where nothing was taken. */
const RETRY_AFTER_MS = 50;

/** At the process's end what still waits gets this long. */
const LAST_WORDS_MS = 200;

/**
 * Lines to a terminal, pipe or socket, in order and each within the call where the other side takes them; where it does not, lines
 * wait, then are lost and counted. A console that nobody reads must never stop the appliance.
 */
export class ConsoleWriter {
  readonly #descriptor: number;
  readonly #isWritable: () => boolean;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(descriptor: number) {
    this.#descriptor = withoutWaiting(descriptor);
    this.#isWritable = createWritableCheck(this.#descriptor);
    process.once('exit', () => this.#sayLastWords());
  }

  write(line: string): void {
    const bytes = encodeUtf8(line);
    if (this.#pendingBytes + bytes.length > CONSOLE_PENDING_MAX_BYTES) this.#lost++;
    else this.#push(bytes);
    this.#drain();
  }

  #push(bytes: Uint8Array): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  #drain(): void {
    // A timer is set exactly while the other side does not take what waits.
    if (this.#timer !== undefined || this.#writePending()) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#drain();
    }, RETRY_AFTER_MS).unref();
  }

  /** Whether nothing waits any more. */
  #writePending(): boolean {
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      const count = this.#writeSome(next);
      if (count === 0) return false;
      this.#pendingBytes -= count;
      if (count < next.length) this.#pending[0] = next.subarray(count);
      else this.#pending.shift();
      if (this.#pending.length === 0 && this.#lost > 0) this.#pushLost();
    }
    return true;
  }

  #pushLost(): void {
    const time = new Date().toISOString();
    this.#push(
      encodeUtf8(
        `${JSON.stringify({ level: 'warn', time, count: this.#lost, msg: 'console lines lost' })}\n`,
      ),
    );
    this.#lost = 0;
  }

  /** How many bytes were taken; all of them where nobody is there to take any. */
  #writeSome(bytes: Uint8Array): number {
    try {
      if (!this.#isWritable()) return 0;
      return writeSync(this.#descriptor, bytes, 0, Math.min(bytes.length, WRITE_MAX_BYTES));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : bytes.length;
    }
  }

  #sayLastWords(): void {
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let waitedMs = 0; !this.#writePending() && waitedMs < LAST_WORDS_MS; waitedMs += 10)
      Atomics.wait(pause, 0, 0, 10);
  }
}

/**
 * A terminal waits within a write until all of it has left, which a serial line may never do. Opened once more, it is told not to, without
 * changing anything for others who have it open.
 */
function withoutWaiting(descriptor: number): number {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return descriptor;
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return descriptor;
  }
}
