import { TokenBucket } from '../../base/token-bucket.ts';
import type { ExchangeSum } from '../../devices/http-exchange.ts';
import { ExchangeWriter, type ExchangeBatch, type Finished } from './exchange-batch.ts';
import { ExchangeSums } from './exchange-sums.ts';

/** Contract of HttpServeOptions.onExchanges. */
const BATCH_MS = 250;
const WHOLE_BURST = 1_000;
const WHOLE_PER_SECOND = 400;

/** Batches that the main thread has not taken yet: if it is that busy, the sums go on growing here and records find no room. */
const BATCHES_WAITING_MAX = 16;

export interface Batch {
  readonly sums: readonly ExchangeSum[];
  readonly whole: ExchangeBatch;
}

/**
 * Adds up finished exchanges, and keeps some of them whole, until the main thread gets both. That thread may share this one's processor: in a
 * flood, each record that it reads is an answer that waits.
 */
export class Recorder {
  readonly #waiting: Int32Array;
  readonly #post: (batch: Batch) => void;
  readonly #sums = new ExchangeSums();
  readonly #writer = new ExchangeWriter(2 * WHOLE_BURST);
  readonly #faults: TokenBucket;
  readonly #others: TokenBucket;
  #sinceMs = 0;

  /** `waiting` is shared: one word that counts batches, taken down by who gets them. */
  constructor(waiting: Int32Array, nowMs: number, post: (batch: Batch) => void) {
    this.#waiting = waiting;
    this.#post = post;
    this.#faults = new TokenBucket(WHOLE_BURST, WHOLE_PER_SECOND, nowMs);
    this.#others = new TokenBucket(WHOLE_BURST, WHOLE_PER_SECOND, nowMs);
  }

  /** Until when the batch should go; Infinity without one. */
  get dueMs(): number {
    return this.#sums.isEmpty ? Infinity : this.#sinceMs + BATCH_MS;
  }

  add(finished: Finished, nowMs: number, wallMs: number): void {
    if (this.#sums.isEmpty) this.#sinceMs = nowMs;
    this.#sums.add(finished);
    const bucket = finished.response.status >= 500 ? this.#faults : this.#others;
    if (this.#writer.hasRoom && bucket.spend(nowMs)) this.#writer.add(finished, nowMs, wallMs);
  }

  flush(nowMs: number): void {
    if (this.#sums.isEmpty) return;
    if (Atomics.load(this.#waiting, 0) >= BATCHES_WAITING_MAX) {
      this.#sinceMs = nowMs;
      return;
    }
    Atomics.add(this.#waiting, 0, 1);
    this.#post({ sums: this.#sums.take(), whole: this.#writer.take() });
  }
}
