import type { Readable } from 'node:stream';
import type { Clock } from '../../devices/clock.ts';
import { COLLECT_MAX_BYTES, COLLECT_MAX_MS, COLLECT_TOTAL_MAX_BYTES } from './limits.ts';

/** The client did not send in time what it said it would. */
export class SlowContentError extends Error {
  override name = 'SlowContentError';
}

/** The beginning of a request's content, or all of it. */
export interface Collected extends Disposable {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly complete: boolean;
}

/** Takes in the beginnings of contents; what all of them hold together is bounded. */
export class Collector {
  readonly #clock: Clock;
  #heldBytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Leaves `content` paused, or ended. @throws SlowContentError; the signal's reason. */
  collect(content: Readable, signal: AbortSignal): Promise<Collected> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    const collected = (complete: boolean): Collected => ({
      parts,
      bytes,
      complete,
      [Symbol.dispose]: () => {
        this.#heldBytes -= bytes;
        bytes = 0;
        parts.length = 0;
      },
    });
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const settle = (act: () => void): void => {
        content.pause().off('data', onData).off('end', onEnd);
        signal.removeEventListener('abort', onAbort);
        timer.cancel();
        act();
      };
      const fail = (error: Error): void =>
        settle(() => {
          collected(false)[Symbol.dispose]();
          reject(error);
        });
      const onData = (part: Uint8Array): void => {
        parts.push(part);
        bytes += part.length;
        this.#heldBytes += part.length;
        if (bytes >= COLLECT_MAX_BYTES || this.#heldBytes >= COLLECT_TOTAL_MAX_BYTES)
          settle(() => resolve(collected(false)));
      };
      const onEnd = (): void => settle(() => resolve(collected(true)));
      const onAbort = (): void => fail(signal.reason as Error);
      const timer = this.#clock.timer(COLLECT_MAX_MS, () =>
        fail(new SlowContentError(`less than ${COLLECT_MAX_BYTES} bytes in ${COLLECT_MAX_MS} ms`)),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      content.on('end', onEnd).on('data', onData);
    });
  }
}
