import type { Readable } from 'node:stream';

/** How many lines of a guest's console are kept: a boot prints a few hundred. */
const CONSOLE_LINES_MAX = 20_000;

interface Waiter {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
}

/** What a guest printed on its serial console, line by line. */
export class GuestConsole {
  readonly lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #onLine: ((line: string) => void) | undefined;
  #partial = '';

  constructor(output: Readable, onLine?: (line: string) => void) {
    this.#onLine = onLine;
    output.setEncoding('utf8');
    output.on('data', (text: string) => this.#take(text));
  }

  /**
   * The first line, printed already or yet to come, that matches.
   * @throws Error with the last lines of the console when none came in time or the guest ended.
   */
  waitFor(pattern: RegExp, timeoutMs: number, ended?: Promise<unknown>): Promise<RegExpExecArray> {
    for (const line of this.lines) {
      const match = pattern.exec(line);
      if (match !== null) return Promise.resolve(match);
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { pattern, resolve: match => settle(() => resolve(match)) };
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        finish();
      };
      const fail = (why: string): void =>
        settle(() =>
          reject(new Error(`the console did not show ${String(pattern)}: ${why}\n${this.tail(40)}`)),
        );
      const timer = setTimeout(() => fail(`nothing in ${timeoutMs / 1000} s`), timeoutMs);
      this.#waiters.add(waiter);
      void ended?.then(
        () => fail('the guest ended'),
        () => fail('the guest ended'),
      );
    });
  }

  tail(count: number): string {
    return this.lines.slice(-count).join('\n');
  }

  #take(text: string): void {
    const parts = (this.#partial + text).split('\n');
    this.#partial = parts.pop() ?? '';
    for (const part of parts) this.#add(withoutControls(part));
  }

  #add(line: string): void {
    this.lines.push(line);
    if (this.lines.length > CONSOLE_LINES_MAX) this.lines.splice(0, this.lines.length - CONSOLE_LINES_MAX);
    this.#onLine?.(line);
    for (const waiter of [...this.#waiters]) {
      const match = waiter.pattern.exec(line);
      if (match !== null) waiter.resolve(match);
    }
  }
}

// Firmware clears the screen and colours its text; a log wants the words.
function withoutControls(text: string): string {
  return text.replace(/\u001b\[[0-9;?=]*[A-Za-z]|\u001bc|[\r\u0000]/g, '');
}
