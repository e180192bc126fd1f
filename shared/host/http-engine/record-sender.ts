import type { TlsSession } from '../ffi/openssl-session.ts';
import { BROKEN } from '../ffi/stream-socket.ts';
import type { RecordBuffer, RecordBuffers } from './record-buffers.ts';

/** Who has something to send: writes it from `start` on and says where it stopped. */
export interface RecordSource {
  fill(into: Uint8Array, start: number, end: number, nowMs: number): number;
}

/** Sends what a connection has to say, one TLS record at a time. */
export class RecordSender {
  readonly #session: TlsSession;
  readonly #buffers: RecordBuffers;
  /** A record that did not get away: OpenSSL wants the same bytes again. */
  #waiting: RecordBuffer | undefined;
  #start = 0;
  #end = 0;

  constructor(session: TlsSession, buffers: RecordBuffers) {
    this.#session = session;
    this.#buffers = buffers;
  }

  /** Something was taken from a source and has not gone. */
  get isBlocked(): boolean {
    return this.#waiting !== undefined;
  }

  /** Sends a record: how many bytes went, 0 where there was nothing to send, WOULD_BLOCK or BROKEN. */
  send(source: RecordSource, nowMs: number): number {
    if (this.#waiting !== undefined) return this.#sendAgain(this.#waiting);
    const { bytes, address } = this.#buffers.current;
    const length = source.fill(bytes, 0, bytes.length, nowMs);
    if (length === 0) return 0;
    const written = this.#session.write(address, length);
    if (written === length) return length;
    // Nothing written at all is a session that the peer has closed.
    if (written === 0 || written === BROKEN) return BROKEN;
    this.#waiting = this.#buffers.keep();
    this.#start = Math.max(0, written);
    this.#end = length;
    return written;
  }

  #sendAgain(waiting: RecordBuffer): number {
    const written = this.#session.write(waiting.address + BigInt(this.#start), this.#end - this.#start);
    if (written === 0) return BROKEN;
    if (written < 0) return written;
    this.#start += written;
    if (this.#start === this.#end) this.release();
    return written;
  }

  /** What has not gone never will. */
  release(): void {
    if (this.#waiting !== undefined) this.#buffers.giveBack(this.#waiting);
    this.#waiting = undefined;
  }
}
