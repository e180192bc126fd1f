import { concatBytes } from '../../base/bytes.ts';
import type { Request, Response } from '../../devices/http-exchange.ts';
import { refuse } from '../../protocols/http/refuse.ts';
import type { RequestHead } from '../../protocols/http1/request-head.ts';
import { RequestStream } from '../../protocols/http1/request-stream.ts';
import { encodeInterim, lengthOf } from '../../protocols/http1/response-head.ts';
import { BROKEN, WOULD_BLOCK } from '../ffi/stream-socket.ts';
import type { Engine } from './engine.ts';
import { Output } from './output.ts';
import type { ClientSocket, SocketHandler } from './client-socket.ts';
import type { Transport } from './transport.ts';

/** Answers to pipelined requests are gathered up to here before they are sent. */
const OUTPUT_MAX_BYTES = 256 * 1024;

/** Reads of one connection in one turn: then the others have theirs. */
const READS_PER_TURN_MAX = 16;

/**
 * RFC 9112 §9.6: after a last answer, what still comes is read and thrown away for so long, since a connection closed on unread bytes is
 * reset, and a reset may take the answer with it.
 */
const LINGER_MS = 2_000;

/** An answer on its way. */
interface Running {
  readonly request: Request;
  readonly response: Response;
  readonly startMs: number;
}

/** Content that the main thread is to get. */
interface Collected {
  readonly parts: Uint8Array[];
  bytes: number;
}

/** HTTP/1.1 on one connection: requests in their order, each answered before the next one is looked at. */
export class Connection implements SocketHandler {
  readonly #engine: Engine;
  readonly #socket: ClientSocket;
  readonly #transport: Transport;
  readonly #stream: RequestStream;
  readonly #output = new Output();
  readonly #running: Running[] = [];
  /** Read, and to be looked at when the answers before have gone. */
  #held: Uint8Array | undefined;
  /** Bytes of the present request's content that nobody wants. */
  #discarded = 0;
  #collected: Collected | undefined;
  /** The number by which the main thread answers. */
  #waitingFor: number | undefined;
  /** 'ending': what is in the output is the last. */
  #state: 'open' | 'ending' | 'lingering' | 'closed' = 'open';
  /** Something was left unread when the last answer was given. */
  #unread = false;
  #inputEnded = false;

  constructor(engine: Engine, socket: ClientSocket, transport: Transport) {
    this.#engine = engine;
    this.#socket = socket;
    this.#transport = transport;
    this.#stream = new RequestStream(engine.limits, engine.latin1, engine.knownHeads);
    socket.deadlineMs = engine.monotonicMs + engine.limits.idleMs;
  }

  ready(): void {
    if (this.#flush()) this.#run();
  }

  late(): void {
    this.#socket.close();
  }

  closed(): void {
    this.#state = 'closed';
    if (this.#waitingFor !== undefined) this.#engine.forgetLater(this.#waitingFor);
    this.#finishRunning(this.#output.bytes + this.#transport.waitingBytes);
    this.#output.clear();
  }

  /** Reads and answers until nothing more has come, an answer does not get away, or the turn is over. */
  #run(): void {
    for (let reads = 0; reads < READS_PER_TURN_MAX; reads++) {
      if (this.#waitingFor !== undefined || this.#state === 'closed') return;
      const held = this.#held;
      if (held !== undefined) {
        this.#held = undefined;
        this.#take(held, held.length);
        if (!this.#flush()) return;
        continue;
      }
      const count = this.#transport.read();
      if (count === WOULD_BLOCK) return;
      if (count === BROKEN) return this.#socket.close();
      if (count === 0) return this.#endInput();
      if (this.#state === 'open') this.#take(this.#engine.input.bytes, count);
      if (!this.#flush()) return;
      // An end that came with these bytes is no news later.
      if (this.#transport.drained(count) && !this.#socket.ending) return;
    }
    this.#engine.runAgain(this.#socket);
  }

  /** RFC 9112 §9.6: a client may end its side and still want its answer. */
  #endInput(): void {
    this.#inputEnded = true;
    if (this.#waitingFor === undefined) this.#socket.close();
  }

  #take(bytes: Uint8Array, end: number): void {
    const stream = this.#stream;
    for (let at = 0; at < end && this.#state === 'open';) {
      if (this.#waitingFor !== undefined || !this.#hasRoom()) {
        if (this.#state === 'open') this.#held = bytes.slice(at, end);
        return;
      }
      at = stream.read(bytes, at, end);
      if (stream.reading === 'head') this.#begin(stream.head as RequestHead);
      else if (stream.reading === 'refused') this.#refuse(stream.refused?.status ?? 400);
      else if (stream.reading !== 'more') this.#takeContent(bytes);
      // No `else`: a last answer leaves the rest.
      this.#unread = at < end;
    }
  }

  #hasRoom(): boolean {
    return this.#output.bytes < OUTPUT_MAX_BYTES || this.#flush();
  }

  #begin(head: RequestHead): void {
    this.#engine.count('requests', 1);
    this.#discarded = 0;
    const response = this.#engine.answers.answer(head.request, this.#stream.isRepeated);
    if (response === 'later') return this.#beginLater(head);
    // RFC 9110 §10.1.1: a final answer in place of 100; the client may send its content or not, so the connection ends.
    const mustEnd = head.expectsContinue || head.contentLength > this.#engine.limits.discardBytes;
    this.#respond(head, response, mustEnd);
  }

  #beginLater(head: RequestHead): void {
    this.#socket.begin();
    if (head.contentLength > this.#engine.limits.contentBytes) return this.#respond(head, refuse(413), true);
    this.#collected = { parts: [], bytes: 0 };
    if (head.contentLength === 0) return this.#sendLater(head, this.#collected);
    if (head.expectsContinue) this.#output.add({ bytes: encodeInterim(100), start: 0 });
    this.#stall();
  }

  #sendLater(head: RequestHead, { parts }: Collected): void {
    const { request } = head;
    this.#collected = undefined;
    this.#stall();
    const { client } = this.#socket;
    const content = concatBytes(parts);
    this.#waitingFor = this.#engine.askLater({ client, request, content }, response => {
      this.#waitingFor = undefined;
      this.#respond(head, response, false);
      this.ready();
    });
  }

  #takeContent(bytes: Uint8Array): void {
    const { head, reading, contentStart, contentEnd } = this.#stream;
    const collected = this.#collected;
    if (head === undefined) return;
    if (collected === undefined) {
      this.#discarded += contentEnd - contentStart;
      // Told by its length, it was refused before; in chunks, nobody knew.
      if (this.#discarded > this.#engine.limits.discardBytes) this.#state = 'ending';
      return;
    }
    this.#stall();
    collected.bytes += contentEnd - contentStart;
    if (collected.bytes > this.#engine.limits.contentBytes) {
      this.#collected = undefined;
      return this.#respond(head, refuse(413), true);
    }
    if (contentEnd > contentStart) collected.parts.push(bytes.slice(contentStart, contentEnd));
    if (reading === 'end') this.#sendLater(head, collected);
  }

  #refuse(status: number): void {
    this.#engine.count('malformed', 1);
    const response = refuse(status);
    const nowMs = this.#engine.wallMs;
    this.#output.add(this.#engine.http1Heads.partOf(response, { nowMs, connection: 'close' }));
    for (const bytes of response.body) this.#output.add({ bytes, start: 0 });
    this.#state = 'ending';
    this.#unread = true;
  }

  #respond(head: RequestHead, given: Response, mustEnd: boolean): void {
    const { request, minorVersion } = head;
    const last = mustEnd || !head.keepAlive || this.#engine.draining || this.#inputEnded;
    const toHead = request.method === 'HEAD';
    const connection = last ? 'close' : minorVersion === 0 ? 'keep-alive' : undefined;
    const nowMs = this.#engine.wallMs;
    const { answers, http1Heads } = this.#engine;
    const { part, response } = answers.headOf(given, http1Heads, { nowMs, connection, toHead });
    // RFC 9110 §15.2: never to a 1.0 client.
    if (response.interim !== undefined && minorVersion === 1)
      for (const fields of response.interim)
        this.#output.add({ bytes: encodeInterim(103, fields), start: 0 });
    this.#output.add(part);
    // RFC 9112 §6.3 (1): whatever the plane says, these have no content.
    if (!toHead && response.status !== 204 && response.status !== 304)
      for (const bytes of response.body) this.#output.add({ bytes, start: 0 });
    this.#running.push({ request, response, startMs: this.#engine.monotonicMs });
    if (!last) return;
    this.#state = 'ending';
    this.#unread = head.contentLength !== 0 && this.#stream.inContent;
  }

  /** Sends what is there to be sent. Whether all of it went and the connection goes on. */
  #flush(): boolean {
    if (this.#state === 'closed') return false;
    const before = this.#output.bytes + this.#transport.waitingBytes;
    if (before > 0) {
      const result = this.#transport.flush(this.#output);
      // What waits is a little longer than what it was made of.
      const sent = Math.max(0, before - this.#output.bytes - this.#transport.waitingBytes);
      this.#engine.count('sentBytes', sent);
      this.#socket.sent(sent);
      if (result === BROKEN) {
        this.#socket.close();
        return false;
      }
      if (result === WOULD_BLOCK) {
        this.#output.keep();
        this.#socket.begin();
        if (sent > 0) this.#stall();
        return false;
      }
    }
    return this.#settle();
  }

  /** All that was answered has gone. */
  #settle(): boolean {
    if (this.#running.length > 0) {
      this.#finishRunning(0);
      this.#socket.rest();
      this.#socket.deadlineMs = this.#engine.monotonicMs + this.#engine.limits.idleMs;
    }
    if (this.#state === 'ending') return this.#end();
    if (this.#inputEnded && this.#waitingFor === undefined) {
      this.#socket.close();
      return false;
    }
    return true;
  }

  /** The last answer has gone. True where the connection lingers, which reading does. */
  #end(): boolean {
    this.#transport.endSending();
    if (!this.#unread || this.#inputEnded) {
      this.#socket.close();
      return false;
    }
    this.#state = 'lingering';
    this.#held = undefined;
    this.#socket.deadlineMs = this.#engine.monotonicMs + LINGER_MS;
    return true;
  }

  #stall(): void {
    this.#socket.deadlineMs = this.#engine.monotonicMs + this.#engine.limits.stallMs;
  }

  #finishRunning(unsentBytes: number): void {
    const running = this.#running;
    const protocol = this.#engine.isTls ? 'http/1.1' : 'http';
    const { client } = this.#socket;
    if (this.#engine.records)
      for (let index = 0; index < running.length; index++) {
        const { request, response, startMs } = running[index] as Running;
        const bytes = request.method === 'HEAD' ? 0 : lengthOf(response.body);
        const sentBytes = index === running.length - 1 ? Math.max(0, bytes - unsentBytes) : bytes;
        this.#engine.record({ protocol, request, response, startMs, sentBytes, client });
      }
    // Not by `length = 0`, which gives the memory back for the next answer to ask for.
    while (running.pop() !== undefined);
  }
}
