import type { Http2Limits } from '../../protocols/http2/limits.ts';
import type { TlsSession } from '../ffi/openssl-session.ts';
import { BROKEN, WOULD_BLOCK } from '../ffi/stream-socket.ts';
import type { ClientSocket, SocketHandler } from './client-socket.ts';
import type { Engine } from './engine.ts';
import { Http2Exchanges } from './http2-exchanges.ts';
import { RecordSender } from './record-sender.ts';
import { tlsTransport, type Transport } from './transport.ts';

/** Reads, and then sends, of one connection in one turn: then the others have theirs. */
const READS_PER_TURN_MAX = 16;
const SENDS_PER_TURN_MAX = 2;

/**
 * What still comes is read and thrown away for so long, since a connection closed on unread bytes (the last window updates) is reset, and a
 * reset may take the last answer with it.
 */
const LINGER_MS = 2_000;

/** What comes meanwhile from a client that has understood is little; a flood ends at once. */
const LINGER_MAX_BYTES = 64 * 1024;

/** How often, within the time that a stream may stand still, those that do are looked for. */
const STALL_CHECKS = 4;

/** HTTP/2 on one TLS connection: carries bytes between the socket and the pure core, for as long as there are any. */
export class Http2Connection implements SocketHandler {
  readonly #engine: Engine;
  readonly #socket: ClientSocket;
  readonly #transport: Transport;
  readonly #sender: RecordSender;
  readonly #exchanges: Http2Exchanges;
  #state: 'open' | 'lingering' | 'closed' = 'open';
  #isBusy = false;
  #inputEnded = false;
  /** Bytes that came after the end. */
  #discarded = 0;
  #sentMs: number;

  constructor(engine: Engine, socket: ClientSocket, session: TlsSession, limits: Http2Limits) {
    this.#engine = engine;
    this.#socket = socket;
    this.#transport = tlsTransport(socket.descriptor, session, engine.transportMemory);
    this.#sender = new RecordSender(session, engine.transportMemory.record);
    this.#exchanges = new Http2Exchanges(engine, socket.client, limits, () => this.ready());
    this.#sentMs = engine.monotonicMs;
    socket.deadlineMs = engine.monotonicMs + engine.limits.idleMs;
  }

  ready(): void {
    const mayRead = this.#read();
    const maySend = this.#state === 'open' && this.#send();
    if (this.#state === 'open') this.#settle();
    else if (this.#inputEnded) this.#socket.close();
    if ((mayRead || maySend) && this.#socket.open) this.#engine.runAgain(this.#socket);
  }

  late(): void {
    const { monotonicMs, limits } = this.#engine;
    const sinceMs = monotonicMs - limits.stallMs;
    const takesNothing = this.#sender.isBlocked && this.#sentMs <= sinceMs;
    if (this.#state === 'lingering' || takesNothing) return this.#socket.close();
    if (!this.#isBusy) return this.drain();
    this.#exchanges.cancelStalled(sinceMs);
    this.#checkLater();
    this.ready();
  }

  /** RFC 9113 §6.8: the client is told which of its requests were answered, or still are. */
  drain(): void {
    if (this.#state !== 'open') return;
    const { core } = this.#exchanges;
    const isIdle = !this.#isBusy;
    if (isIdle) core.finish();
    else core.drain();
    this.ready();
    if (isIdle) this.#socket.close();
  }

  closed(): void {
    this.#state = 'closed';
    this.#exchanges.core.abandon();
  }

  /** Whether there may be more to read. What comes is read while sending has to wait too: it may be what sending waits for. */
  #read(): boolean {
    for (let reads = 0; reads < READS_PER_TURN_MAX; reads++) {
      if (this.#inputEnded || this.#state === 'closed') return false;
      const count = this.#transport.read();
      if (count === WOULD_BLOCK) return false;
      if (count === BROKEN) {
        this.#socket.close();
        return false;
      }
      if (count === 0) this.#inputEnded = true;
      else this.#take(count);
      if (!this.#socket.open) return false;
      // An end that came with these bytes is no news later.
      if (this.#transport.drained(count) && !this.#socket.ending) return false;
    }
    return true;
  }

  #take(count: number): void {
    const { input, monotonicMs } = this.#engine;
    if (this.#state === 'open') return this.#exchanges.core.receive(input.bytes, 0, count, monotonicMs);
    this.#discarded += count;
    if (this.#discarded > LINGER_MAX_BYTES) this.#socket.close();
  }

  /** Whether there may be more that can be sent. */
  #send(): boolean {
    const { monotonicMs } = this.#engine;
    for (let sends = 0; sends < SENDS_PER_TURN_MAX; sends++) {
      const sent = this.#sender.send(this.#exchanges.core, monotonicMs);
      if (sent === BROKEN) this.#socket.close();
      if (sent <= 0) return false;
      this.#sentMs = monotonicMs;
      this.#engine.count('sentBytes', sent);
      this.#socket.sent(sent);
    }
    return true;
  }

  /** What the connection is, after all that could be read and sent in this turn. */
  #settle(): void {
    const { core, anyBegun } = this.#exchanges;
    const mustSend = this.#sender.isBlocked || core.hasOutput;
    if (!mustSend && core.isOver) return this.#end();
    // Who sends no more opens no window any more.
    if (!mustSend && this.#inputEnded) return this.#socket.close();
    // Control frames alone are no exchange, even if nobody takes them.
    const isBusy = core.openStreams > 0 || (mustSend && (anyBegun || this.#isBusy));
    if (isBusy && !this.#isBusy) this.#begin();
    else if (!isBusy && (anyBegun || this.#isBusy)) this.#rest();
  }

  /** Exchanges go on beyond this turn. */
  #begin(): void {
    this.#isBusy = true;
    this.#socket.begin();
    this.#checkLater();
  }

  #checkLater(): void {
    const { monotonicMs, limits } = this.#engine;
    this.#socket.deadlineMs = monotonicMs + limits.stallMs / STALL_CHECKS;
  }

  #rest(): void {
    const { monotonicMs, limits } = this.#engine;
    this.#isBusy = false;
    this.#exchanges.anyBegun = false;
    this.#socket.rest();
    this.#socket.deadlineMs = monotonicMs + limits.idleMs;
  }

  /** The last word has gone. */
  #end(): void {
    if (this.#inputEnded) return this.#socket.close();
    this.#transport.endSending();
    this.#rest();
    this.#state = 'lingering';
    this.#socket.deadlineMs = this.#engine.monotonicMs + LINGER_MS;
  }
}
