import {
  EXCHANGE_TARGET_MAX,
  type Exchange,
  type Request,
  type Response,
} from '../../devices/http-exchange.ts';

/** Contract of HttpServeOptions.onExchanges. */
const BATCH_MAX = 1_000;
const BATCH_MS = 250;

/** Batches that the main thread has not taken yet: if it is that busy, records are lost and not memory. */
const BATCHES_WAITING_MAX = 16;

export interface Finished {
  readonly request: Request;
  readonly response: Response;
  readonly startMs: number;
  readonly sentBytes: number;
  readonly client: string;
}

/** Gathers records of exchanges into batches. */
export class Recorder {
  readonly #protocol: Exchange['protocol'];
  readonly #waiting: Int32Array;
  readonly #post: (exchanges: readonly Exchange[], lost: number) => void;
  #batch: Exchange[] = [];
  #lost = 0;
  #sinceMs = 0;

  /** `waiting` is shared: one word that counts batches, taken down by who gets them. */
  constructor(
    protocol: Exchange['protocol'],
    waiting: Int32Array,
    post: (exchanges: readonly Exchange[], lost: number) => void,
  ) {
    this.#protocol = protocol;
    this.#waiting = waiting;
    this.#post = post;
  }

  /** Until when the batch should go; Infinity without one. */
  get dueMs(): number {
    return this.#batch.length === 0 ? Infinity : this.#sinceMs + BATCH_MS;
  }

  add({ request, response, startMs, sentBytes, client }: Finished, nowMs: number, wallMs: number): void {
    if (this.#batch.length === 0) this.#sinceMs = nowMs;
    const { referer, 'user-agent': agent } = request.fields;
    this.#batch.push({
      site: response.site ?? -1,
      protocol: this.#protocol,
      method: request.method,
      target: request.target.slice(0, EXCHANGE_TARGET_MAX),
      status: response.status,
      sentBytes,
      durationMs: nowMs - startMs,
      endMs: wallMs,
      client,
      ...(typeof referer === 'string' ? { referrer: referer } : {}),
      ...(typeof agent === 'string' ? { agent } : {}),
    });
    if (this.#batch.length >= BATCH_MAX) this.flush();
  }

  flush(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    if (Atomics.load(this.#waiting, 0) >= BATCHES_WAITING_MAX) {
      this.#lost += batch.length;
      return;
    }
    Atomics.add(this.#waiting, 0, 1);
    this.#post(batch, this.#lost);
    this.#lost = 0;
  }
}
