import type { Http2Handler } from './handler.ts';
import type { Http2Limits } from './limits.ts';

/**
 * The server's side of one HTTP/2 connection (RFC 9113) as a function of the bytes received and of time: what is to be sent is written by
 * {@link fill} when there is room for it. Times are monotonic.
 */
export class ServerConnection {
  constructor(limits: Http2Limits, handler: Http2Handler, nowMs: number) {
    void limits;
    void handler;
    void nowMs;
  }

  /** Running streams: requests that are not complete, not answered, or whose answer is not wholly written. */
  get openStreams(): number {
    return 0;
  }

  /** Whether {@link fill} would write something. */
  get hasOutput(): boolean {
    return false;
  }

  /** All that is to be said is written and the connection is to be closed: after an error, or drained and without streams. */
  get isOver(): boolean {
    return false;
  }

  /** Takes bytes cut anywhere, beginning with the client's preface. Never throws. After a connection error it ignores everything. */
  receive(bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    void [bytes, start, end, nowMs];
  }

  /** An answer before the answer (100, 103), as a whole header block. For a stream that is gone, or answered: ignored. */
  interim(stream: number, block: Uint8Array): void {
    void [stream, block];
  }

  /**
   * The answer. `block` is read when {@link fill} writes it: its date may be changed in place until then. `body` are views that stay as they
   * are until the stream has ended; without content the header section ends the stream. For a stream that is gone: ignored.
   */
  respond(stream: number, block: Uint8Array, body: readonly Uint8Array[], nowMs: number): void {
    void [stream, block, body, nowMs];
  }

  /** Resets a stream by an error code of RFC 9113 §7; its end is told. */
  reset(stream: number, code: number): void {
    void [stream, code];
  }

  /** Streams without progress since `sinceMs`: the answer waits for a window that the peer keeps shut, or the request does not get complete. */
  stalled(sinceMs: number): readonly number[] {
    return [sinceMs].slice(1);
  }

  /** Writes what is to be sent and fits, from `start` on; where it stopped. Meant for the room of one TLS record. */
  fill(into: Uint8Array, start: number, end: number, nowMs: number): number {
    void [into, end, nowMs];
    return start;
  }

  /** Begins a graceful end (RFC 9113 §6.8): running streams end as usual, then {@link isOver}. */
  drain(): void {}

  /** The transport is gone: every running stream ends as 'reset'. */
  abandon(): void {}
}
