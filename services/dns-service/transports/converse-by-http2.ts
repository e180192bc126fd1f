import type { Clock } from '../../../shared/devices/clock.ts';
import type { Request, Response } from '../../../shared/devices/http-exchange.ts';
import type { Flow } from '../../../shared/devices/tcp.ts';
import { concatBytes } from '../../../shared/base/bytes.ts';
import { refusalOf, responseOf } from '../../../shared/protocols/dns/https/make-response.ts';
import {
  judgeRequest,
  MESSAGE_MAX_BYTES,
  messageInTarget,
} from '../../../shared/protocols/dns/https/read-request.ts';
import { refuse } from '../../../shared/protocols/http/refuse.ts';
import type { RequestMessage } from '../../../shared/protocols/http2/decoded-request.ts';
import type { Http2Handler, StreamEnd } from '../../../shared/protocols/http2/handler.ts';
import { encodeInterimBlock, encodeResponseBlock } from '../../../shared/protocols/http2/hpack/encoder.ts';
import { ErrorCode } from '../../../shared/protocols/http2/frame.ts';
import { ServerConnection } from '../../../shared/protocols/http2/server-connection.ts';
import type { ConverseOptions } from '../passed-on/converse.ts';
import type { Replies } from '../passed-on/handle.ts';
import { DISCARDED_MAX_BYTES, HELD_MAX_BYTES, HTTP2_LIMITS, WRITE_BYTES } from './limits.ts';
import type { Pages } from './pages.ts';

/** A request that is not answered yet. */
interface Open {
  readonly isHead: boolean;
  /** It is no message: its content is nobody's. */
  readonly isPage: boolean;
  /** Pieces of its content. */
  readonly pieces: Uint8Array[];
  /** Of its content, kept or discarded. */
  bytes: number;
  /** It is answered by this once its content has come, which is discarded. */
  refusal: Response | undefined;
}

interface Http2Options extends ConverseOptions {
  readonly pages?: Pages | undefined;
}

/** Answers DNS messages of one connection, and what is for `pages`, by HTTP/2 (RFC 8484, RFC 9113). */
export function converseByHttp2(flow: Flow, options: Http2Options, clock: Clock): void {
  const conversation = new Http2Conversation(flow, options, clock);
  flow.on('data', (piece: Uint8Array) => conversation.receive(piece));
  flow.on('drain', () => conversation.send());
  // RFC 9113 §9.1: a client that closes its side waits for nothing.
  flow.on('end', () => void flow.end());
  flow.once('close', () => conversation.abandon());
}

class Http2Conversation implements Http2Handler {
  readonly #flow: Flow;
  readonly #options: Http2Options;
  readonly #clock: Clock;
  readonly #core: ServerConnection;
  readonly #open = new Map<number, Open>();
  /** Of contents that are not complete, or not answered yet. */
  #heldBytes = 0;

  constructor(flow: Flow, options: Http2Options, clock: Clock) {
    this.#flow = flow;
    this.#options = options;
    this.#clock = clock;
    this.#core = new ServerConnection(HTTP2_LIMITS, this, clock.monotonic());
    this.send();
  }

  receive(piece: Uint8Array): void {
    this.#core.receive(piece, 0, piece.length, this.#clock.monotonic());
    this.send();
  }

  /** Writes what there is for as long as the peer takes it. */
  send(): void {
    const flow = this.#flow;
    while (flow.writable && this.#core.hasOutput && !flow.writableNeedDrain) {
      const record = this.#nextRecord(new Uint8Array(WRITE_BYTES));
      // Windows of the peer are shut.
      if (record.length === 0) break;
      flow.write(record);
    }
    if (this.#core.isOver) flow.end();
    // Who does not read is not read from: what he asks meanwhile costs nothing.
    if (flow.writableNeedDrain) flow.pause();
    else flow.resume();
  }

  #nextRecord(into: Uint8Array): Uint8Array {
    const end = this.#core.fill(into, 0, into.length, this.#clock.monotonic());
    return into.subarray(0, end);
  }

  abandon(): void {
    this.#core.abandon();
  }

  request(stream: number, received: RequestMessage, isComplete: boolean): void {
    const { request, contentLength = 0, expectsContinue } = received;
    const page = this.#options.pages?.(request, this.#flow.remoteAddress ?? '::');
    const isHead = request.method === 'HEAD';
    const open: Open = { isHead, isPage: page !== undefined, pieces: [], bytes: 0, refusal: undefined };
    this.#open.set(stream, open);
    if (page !== undefined) return void this.#respondLater(stream, page);
    const judged = judgeRequest(request);
    if (judged.ok && judged.value === 'in-target') return this.#answerTarget(stream, request);
    if (!judged.ok) open.refusal = refusalOf(judged.error);
    else if (contentLength > MESSAGE_MAX_BYTES) open.refusal = refusalOf(413);
    else if (isComplete) open.refusal = refusalOf(400);
    // RFC 9110 §10.1.1.
    if (open.refusal === undefined && expectsContinue)
      this.#core.interim(stream, encodeInterimBlock(100, []));
    if (open.refusal !== undefined && (isComplete || expectsContinue)) this.#respond(stream, open.refusal);
  }

  content(stream: number, bytes: Uint8Array, isLast: boolean): void {
    const open = this.#open.get(stream);
    if (open === undefined || open.isPage) return;
    open.bytes += bytes.length;
    if (open.bytes > MESSAGE_MAX_BYTES) open.refusal ??= refusalOf(413);
    if (open.refusal !== undefined) {
      this.#letGo(open);
      // RFC 9113 §8.1 allows an answer before that, and RST_STREAM behind it; but clients lose it that still send (curl 7).
      if (isLast || open.bytes > DISCARDED_MAX_BYTES) this.#respond(stream, open.refusal);
      return;
    }
    // RFC 9113 §8.7: nothing of it was processed, so that the client may ask again.
    if (this.#heldBytes + bytes.length > HELD_MAX_BYTES)
      return this.#core.reset(stream, ErrorCode.REFUSED_STREAM);
    this.#heldBytes += bytes.length;
    open.pieces.push(Uint8Array.from(bytes));
    if (isLast) this.#answer(stream, concatBytes(open.pieces));
  }

  #letGo(open: Open): void {
    for (const piece of open.pieces.splice(0)) this.#heldBytes -= piece.length;
  }

  tooLarge(stream: number): void {
    this.#open.set(stream, { isHead: false, isPage: false, pieces: [], bytes: 0, refusal: undefined });
    this.#respond(stream, refuse(431));
  }

  ended(stream: number, how: StreamEnd): void {
    this.#forget(stream);
    if (how === 'sent') this.#options.onProgress('sent');
  }

  malformed(): void {
    // The core has told the peer, and counts what is too much.
  }

  #forget(stream: number): void {
    const open = this.#open.get(stream);
    if (open !== undefined) this.#letGo(open);
    this.#open.delete(stream);
  }

  #answerTarget(stream: number, { target }: Request): void {
    const message = messageInTarget(target);
    if (message.ok) this.#answer(stream, message.value);
    else this.#respond(stream, refusalOf(message.error));
  }

  #answer(stream: number, message: Uint8Array): void {
    this.#options.onProgress('received');
    const replies = this.#options.answer(message);
    if (replies instanceof Promise) void this.#answerLater(stream, replies);
    else this.#reply(stream, replies);
  }

  async #answerLater(stream: number, replies: Promise<Replies>): Promise<void> {
    this.#reply(stream, await replies);
    this.send();
  }

  async #respondLater(stream: number, page: Promise<Response>): Promise<void> {
    this.#respond(stream, await page);
    this.send();
  }

  /** What would be met by silence over other transports is no message to be asked: here, every request has an answer. */
  #reply(stream: number, replies: Replies): void {
    const [reply] = replies;
    this.#respond(stream, reply === undefined ? refusalOf(400) : responseOf(reply));
  }

  #respond(stream: number, { status, fields, body }: Response): void {
    const open = this.#open.get(stream);
    // Reset meanwhile.
    if (open === undefined) return;
    const { bytes } = encodeResponseBlock(status, fields, { nowMs: this.#clock.now() });
    this.#core.respond(stream, bytes, open.isHead ? [] : body, this.#clock.monotonic());
  }
}
