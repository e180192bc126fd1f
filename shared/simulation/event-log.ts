import { createHash } from 'node:crypto';

/** Gets finished lines in order, each with its newline, many at a time. */
export type LineSink = (text: string) => void;

/** Text gathered before it is hashed and handed on: hashing line by line would cost more than the events themselves. */
const BATCH_CHARACTERS = 65_536;

/**
 * What happened, one line an event: `<virtual seconds> <host> <what> …`. Two runs are the same exactly when their
 * digests are.
 */
export class EventLog {
  readonly #hash = createHash('sha256');
  readonly #sink: LineSink | undefined;
  #pending = '';
  #count = 0;
  #digest: string | undefined;

  constructor(sink?: LineSink) {
    this.#sink = sink;
  }

  get count(): number {
    return this.#count;
  }

  add(timeUs: number, host: string, what: string): void {
    this.#count++;
    this.#pending += `${formatSeconds(timeUs)} ${host} ${what}\n`;
    if (this.#pending.length >= BATCH_CHARACTERS) this.#flush();
  }

  /** SHA-256 of all lines, in hex. Nothing can be added afterwards. */
  digest(): string {
    this.#flush();
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }

  #flush(): void {
    if (this.#pending === '') return;
    this.#hash.update(this.#pending);
    this.#sink?.(this.#pending);
    this.#pending = '';
  }
}

/** Seconds with six digits, from whole microseconds and without floating point in between. */
function formatSeconds(timeUs: number): string {
  return `${Math.floor(timeUs / 1_000_000)}.${String(timeUs % 1_000_000).padStart(6, '0')}`;
}
