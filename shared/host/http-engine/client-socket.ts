import type { Place } from '../../protocols/http/places.ts';
import type { TlsSession } from '../ffi/openssl-session.ts';
import { closeDescriptor } from '../ffi/stream-socket.ts';
import type { Engine } from './engine.ts';

/** Who works with an accepted socket at present. */
export interface SocketHandler {
  /** There is something to read, room to write, or an end to be found. */
  ready(): void;
  /** Its deadline has passed: closes, or sets another one. */
  late(): void;
  /** The server ends: says so, where the protocol has a word for it. What is idle is closed afterwards. */
  drain?(): void;
  /** The socket is closed. Called once. */
  closed(): void;
}

/** One accepted connection: it owns the descriptor, and what else must be given back with it. */
export class ClientSocket {
  readonly descriptor: number;
  /** The peer's address as text. */
  readonly client: string;
  handler: SocketHandler | undefined;
  tls: TlsSession | undefined;
  /** Monotonic: when it is closed if nothing happens. */
  deadlineMs = Infinity;
  place: Place<ClientSocket> | undefined;
  /** The kernel has told of the peer's end, or of an error: it will not tell again. */
  ending = false;
  readonly #engine: Engine;
  #busy = false;
  #open = true;

  constructor(engine: Engine, descriptor: number, client: string) {
    this.#engine = engine;
    this.descriptor = descriptor;
    this.client = client;
  }

  get open(): boolean {
    return this.#open;
  }

  /** An exchange goes on beyond this turn: the connection is not idle. */
  begin(): void {
    if (this.#busy || this.place === undefined) return;
    this.#busy = true;
    this.#engine.places.begin(this.place, this.#engine.monotonicMs);
  }

  /** All exchanges have ended. */
  rest(): void {
    if (this.place === undefined) return;
    if (this.#busy) this.#engine.places.end(this.place, this.#engine.monotonicMs);
    else this.#engine.places.touch(this.place, this.#engine.monotonicMs);
    this.#busy = false;
  }

  sent(bytes: number): void {
    if (this.place !== undefined) this.place.windowBytes += bytes;
  }

  close(): void {
    if (!this.#open) return;
    this.#leave();
    closeDescriptor(this.descriptor);
  }

  /** Gives the descriptor to somebody else, who closes it. */
  release(): number {
    this.#leave();
    return this.descriptor;
  }

  #leave(): void {
    this.#open = false;
    this.handler?.closed();
    // RFC 8446 §6.1: whoever closes says so, unless an alert has said why.
    this.tls?.endSending();
    this.tls?.free();
    this.tls = undefined;
    if (this.place !== undefined) this.#engine.places.leave(this.place);
    this.#engine.forget(this);
  }
}
