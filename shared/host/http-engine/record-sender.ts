import type { TlsSession } from '../ffi/openssl-session.ts';
import { BROKEN } from '../ffi/stream-socket.ts';
import type { RecordMemory } from './transport.ts';

/** Who has something to send: writes it from `start` on and says where it stopped. */
export interface RecordSource {
  fill(into: Uint8Array, start: number, end: number, nowMs: number): number;
}

/** Sends what a connection has to say, some TLS records at a time. */
export class RecordSender {
  readonly #session: TlsSession;
  readonly #record: RecordMemory;

  constructor(session: TlsSession, record: RecordMemory) {
    this.#session = session;
    this.#record = record;
  }

  /** Something was taken from a source and has not gone. */
  get isBlocked(): boolean {
    return this.#session.waitingBytes > 0;
  }

  /** Takes what goes with one system call: how many bytes went, 0 where there was nothing to send, WOULD_BLOCK or BROKEN. */
  send(source: RecordSource, nowMs: number): number {
    const session = this.#session;
    const before = session.waitingBytes;
    const bytes = before === 0 ? this.#sealBatch(source, nowMs) : 0;
    const result = bytes === BROKEN ? BROKEN : session.flush();
    if (result === BROKEN) return BROKEN;
    // What waits is a little longer than what it was made of.
    const sent = Math.max(0, before + bytes - session.waitingBytes);
    return sent === 0 ? result : sent;
  }

  #sealBatch(source: RecordSource, nowMs: number): number {
    const { bytes, address } = this.#record;
    let sealed = 0;
    while (sealed < this.#session.batchBytes) {
      const length = source.fill(bytes, 0, bytes.length, nowMs);
      if (length === 0) break;
      if (this.#session.seal(address, length) === BROKEN) return BROKEN;
      sealed += length;
      if (length < bytes.length) break;
    }
    return sealed;
  }
}
