import type { HttpPlane } from '../../devices/http-engine.ts';
import type { Request, Response } from '../../devices/http-exchange.ts';
import { refuse } from '../../protocols/http/refuse.ts';
import type { HeadOptions } from '../../protocols/http1/response-head.ts';
import type { Heads } from './heads.ts';
import type { FromWorker } from './messages.ts';
import type { OutputPart } from './output.ts';

/** A plane that throws at every request must not fill the log: at most one report in this time. */
const REPORT_INTERVAL_MS = 1_000;

/** Both as of the beginning of this turn of the loop. */
interface TurnTime {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

interface KeptAnswer {
  readonly response: Response;
  readonly second: number;
}

/** What the plane answers from its present state; its faults are 500 and reported. */
export class Answers {
  readonly #plane: HttpPlane;
  readonly #time: TurnTime;
  readonly #post: (message: FromWorker) => void;
  #state: never;
  /** Of this state alone: a known head holds its request for long, and would hold a replaced state and its bodies with it. */
  #kept = new WeakMap<Request, KeptAnswer>();
  #thrown = { times: 0, reportedMs: -Infinity };

  constructor(plane: HttpPlane, state: unknown, time: TurnTime, post: (message: FromWorker) => void) {
    this.#plane = plane;
    this.#state = state as never;
    this.#time = time;
    this.#post = post;
  }

  replaceState(state: unknown): void {
    this.#state = state as never;
    this.#kept = new WeakMap();
  }

  /** `isRepeated`: this very request has come before. Its answer is then kept for others of this second (contract of HttpPlane). */
  answer(request: Request, isRepeated: boolean): Response | 'later' {
    if (!isRepeated) return this.#ask(request);
    const second = Math.floor(this.#time.wallMs / 1000);
    const kept = this.#kept.get(request);
    if (kept !== undefined && kept.second === second) return kept.response;
    const response = this.#ask(request);
    if (response !== 'later') this.#kept.set(request, { response, second });
    return response;
  }

  #ask(request: Request): Response | 'later' {
    try {
      return this.#plane(this.#state, request, this.#time.wallMs);
    } catch (error) {
      this.#reportThrown(error);
      return refuse(500);
    }
  }

  /** The head of `response`, or of a 500 that takes its place where it cannot have one. */
  headOf(
    response: Response,
    heads: Heads,
    options: HeadOptions,
  ): { readonly part: OutputPart; readonly response: Response } {
    try {
      return { part: heads.partOf(response, options), response };
    } catch (error) {
      this.#reportThrown(error);
      const refusal = refuse(500);
      return { part: heads.partOf(refusal, options), response: refusal };
    }
  }

  #reportThrown(error: unknown): void {
    const { monotonicMs } = this.#time;
    this.#thrown.times++;
    if (monotonicMs - this.#thrown.reportedMs < REPORT_INTERVAL_MS) return;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    this.#post({ kind: 'threw', name, message, times: this.#thrown.times });
    this.#thrown = { times: 0, reportedMs: monotonicMs };
  }
}
