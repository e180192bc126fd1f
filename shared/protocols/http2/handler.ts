import type { RequestMessage } from './decoded-request.ts';

/** How a stream ended: its whole answer went into the output, or the peer, a fault or the end of the connection cut it. */
export type StreamEnd = 'sent' | 'reset';

/** What a connection tells the one that answers. Each call may call back: respond, reset and so on. */
export interface Http2Handler {
  /** To be answered by `respond()`, now or later. `isComplete`: it has no content. */
  request(stream: number, received: RequestMessage, isComplete: boolean): void;
  /** The header section was longer than the limits allow: to be answered like a request (RFC 6585 §5: 431). */
  tooLarge(stream: number): void;
  /**
   * Content of a request, until it is answered. `bytes` is a view of the buffer that was received from, valid for the call; it may be empty
   * where `isLast`. The peer is given its windows back after the call.
   */
  content(stream: number, bytes: Uint8Array, isLast: boolean): void;
  /** Exactly once for each `request()` and `tooLarge()`. `sentBytes` counts content alone. */
  ended(stream: number, how: StreamEnd, sentBytes: number): void;
  /** For counting: the peer broke a rule, and a stream, or the connection, was ended for it. */
  malformed(): void;
}
