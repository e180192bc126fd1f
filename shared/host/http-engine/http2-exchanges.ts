import type { Request, Response } from '../../devices/http-exchange.ts';
import { decodeLatin1 } from '../../protocols/http/characters.ts';
import { refuse } from '../../protocols/http/refuse.ts';
import { ErrorCode } from '../../protocols/http2/frame.ts';
import type { RequestMessage } from '../../protocols/http2/decoded-request.ts';
import type { Http2Handler, StreamEnd } from '../../protocols/http2/handler.ts';
import { encodeInterimBlock } from '../../protocols/http2/hpack/encoder.ts';
import type { Http2Limits } from '../../protocols/http2/limits.ts';
import type { Http2Primitives } from '../../protocols/http2/primitives.ts';
import { ServerConnection } from '../../protocols/http2/server-connection.ts';
import { copyBytes } from './copy-bytes.ts';
import type { Engine } from './engine.ts';
import { PutOffStreams } from './put-off-streams.ts';

const PRIMITIVES: Http2Primitives = { copy: copyBytes, latin1: decodeLatin1 };
const NO_CONTENT: readonly Uint8Array[] = [];

interface Running {
  readonly request: Request;
  readonly startMs: number;
  /** What was answered. */
  response: Response | undefined;
}

/** The requests of one HTTP/2 connection, each answered by the plane or the main thread. */
export class Http2Exchanges implements Http2Handler {
  readonly core: ServerConnection;
  /** Whether there was any since this was last set to false. */
  anyBegun = false;
  readonly #engine: Engine;
  readonly #client: string;
  readonly #putOff: PutOffStreams;
  readonly #running = new Map<number, Running>();

  /** `wake` is called where there is an answer to be sent that nothing received has brought. */
  constructor(engine: Engine, client: string, limits: Http2Limits, wake: () => void) {
    this.core = new ServerConnection(limits, this, engine.monotonicMs, PRIMITIVES);
    this.#engine = engine;
    this.#client = client;
    this.#putOff = new PutOffStreams(engine, client, (stream, response) => {
      this.#respond(stream, response);
      wake();
    });
  }

  /** Ends streams in which neither the client nor the main thread has done anything since then. */
  cancelStalled(sinceMs: number): void {
    for (const stream of [...this.core.stalled(sinceMs), ...this.#putOff.overdue(sinceMs)])
      this.core.reset(stream, ErrorCode.CANCEL);
  }

  request(stream: number, received: RequestMessage, isComplete: boolean): void {
    const { request } = received;
    this.#engine.count('requests', 1);
    this.anyBegun = true;
    this.#running.set(stream, { request, startMs: this.#engine.monotonicMs, response: undefined });
    // RFC 9110 §9.3.6: its target is no resource of a site, so that no plane is asked.
    if (request.method === 'CONNECT') return this.#respond(stream, refuse(501));
    const response = this.#engine.answers.answer(request, received.isRepeated);
    if (response === 'later') this.#putOffRequest(stream, received, isComplete);
    else this.#respond(stream, response);
  }

  #putOffRequest(stream: number, received: RequestMessage, isComplete: boolean): void {
    const { request, contentLength = 0, expectsContinue } = received;
    if (contentLength > this.#engine.limits.contentBytes) return this.#respond(stream, refuse(413));
    // RFC 9110 §10.1.1.
    if (expectsContinue && !isComplete) this.core.interim(stream, encodeInterimBlock(100, []));
    this.#putOff.begin(stream, request, isComplete);
  }

  malformed(): void {
    this.#engine.count('malformed', 1);
  }

  tooLarge(stream: number): void {
    this.malformed();
    this.anyBegun = true;
    const response = refuse(431);
    const { bytes } = this.#engine.http2Heads.partOf(response, { nowMs: this.#engine.wallMs });
    this.core.respond(stream, bytes, response.body, this.#engine.monotonicMs);
  }

  content(stream: number, bytes: Uint8Array, isLast: boolean): void {
    const taken = this.#putOff.take(stream, bytes, isLast);
    if (taken === 'taken') return;
    this.#putOff.forget(stream);
    // RFC 9113 §8.7: nothing of it was processed, so that the client may send it again.
    if (taken === 'crowded') this.core.reset(stream, ErrorCode.REFUSED_STREAM);
    else this.#respond(stream, refuse(413));
  }

  ended(stream: number, _how: StreamEnd, sentBytes: number): void {
    this.#putOff.forget(stream);
    const running = this.#running.get(stream);
    if (running === undefined) return;
    this.#running.delete(stream);
    const { request, response, startMs } = running;
    if (response === undefined || !this.#engine.records) return;
    const client = this.#client;
    this.#engine.record({ protocol: 'h2', request, response, startMs, sentBytes, client });
  }

  #respond(stream: number, given: Response): void {
    const running = this.#running.get(stream);
    if (running === undefined) return;
    const { answers, http2Heads, wallMs, monotonicMs } = this.#engine;
    const toHead = running.request.method === 'HEAD';
    const { part, response } = answers.headOf(given, http2Heads, { nowMs: wallMs, toHead });
    const { status, interim, body } = response;
    if (interim !== undefined)
      for (const fields of interim) this.core.interim(stream, encodeInterimBlock(103, fields));
    running.response = response;
    // RFC 9110 §6.4.1: whatever the plane says, these have no content.
    const hasContent = !toHead && status !== 204 && status !== 304;
    this.core.respond(stream, part.bytes, hasContent ? body : NO_CONTENT, monotonicMs);
  }
}
