import { ExchangeWriter, type ExchangeBatch, type Finished } from './exchange-batch.ts';

/** Contract of HttpServeOptions.onExchanges. */
const BATCH_MAX = 1_000;
const BATCH_MS = 250;

/** Batches that the main thread has not taken yet: if it is that busy, records are lost and not memory. */
const BATCHES_WAITING_MAX = 16;

/** Gathers records of exchanges into batches. */
export class Recorder {
  readonly #waiting: Int32Array;
  readonly #post: (batch: ExchangeBatch, lost: number) => void;
  readonly #writer = new ExchangeWriter(BATCH_MAX);
  #lost = 0;
  #sinceMs = 0;

  /** `waiting` is shared: one word that counts batches, taken down by who gets them. */
  constructor(waiting: Int32Array, post: (batch: ExchangeBatch, lost: number) => void) {
    this.#waiting = waiting;
    this.#post = post;
  }

  /** Until when the batch should go; Infinity without one. */
  get dueMs(): number {
    return this.#writer.count === 0 ? Infinity : this.#sinceMs + BATCH_MS;
  }

  add(finished: Finished, nowMs: number, wallMs: number): void {
    if (this.#writer.count === 0) this.#sinceMs = nowMs;
    this.#writer.add(finished, nowMs, wallMs);
    if (this.#writer.count >= BATCH_MAX) this.flush();
  }

  flush(): void {
    const { count } = this.#writer;
    if (count === 0) return;
    const batch = this.#writer.take();
    if (Atomics.load(this.#waiting, 0) >= BATCHES_WAITING_MAX) {
      this.#lost += count;
      return;
    }
    Atomics.add(this.#waiting, 0, 1);
    this.#post(batch, this.#lost);
    this.#lost = 0;
  }
}
