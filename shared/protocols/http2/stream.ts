import { assert } from '../../base/assert.ts';
import { DEFAULT_PRIORITY, type Priority } from './priority.ts';
import { ReceiveWindow } from './receive-window.ts';
import type { StreamQueue } from './stream-queue.ts';

const NO_BODY: readonly Uint8Array[] = [];

/** What a stream begins with. */
export interface StreamStart {
  readonly isComplete: boolean;
  readonly contentLength: number | undefined;
  /** What the peer lets us send. */
  readonly sendWindow: number;
  readonly nowMs: number;
}

/** One request and its answer. RFC 9113 §5.1: open, or half-closed (remote) where {@link isComplete}; closed streams are not kept. */
export class Stream {
  readonly id: number;
  /** Whether all of the request came. */
  isComplete: boolean;
  isEnded = false;
  priority: Priority = DEFAULT_PRIORITY;
  /** When something last came or went. */
  progressMs: number;

  readonly #contentLength: number | undefined;
  #receivedBytes = 0;
  readonly receiveWindow: ReceiveWindow | undefined;

  sendWindow: number;
  /** Header blocks of informational answers that wait. */
  interims: Uint8Array[] | undefined;
  /** The header block of the answer, until it is written. */
  block: Uint8Array | undefined;
  isAnswered = false;
  sentBytes = 0;
  /** Content to be sent. */
  leftBytes = 0;
  #body: readonly Uint8Array[] = NO_BODY;
  /** Where the rest begins: which part, and from where in it. */
  #part = 0;
  #partAt = 0;

  /** Place in a queue. */
  queue: StreamQueue | undefined;
  next: Stream | undefined;
  previous: Stream | undefined;

  constructor(id: number, start: StreamStart) {
    this.id = id;
    this.isComplete = start.isComplete;
    this.progressMs = start.nowMs;
    this.#contentLength = start.contentLength;
    this.receiveWindow = start.isComplete ? undefined : new ReceiveWindow();
    this.sendWindow = start.sendWindow;
  }

  answer(block: Uint8Array, body: readonly Uint8Array[]): void {
    assert(!this.isAnswered, 'a stream is answered once');
    this.isAnswered = true;
    this.block = block;
    this.#body = body;
    let bytes = 0;
    for (const part of body) bytes += part.length;
    this.leftBytes = bytes;
  }

  /** RFC 9113 §8.1.1: content that is not as long as content-length says makes the request malformed. */
  receive(bytes: number, isLast: boolean): boolean {
    this.#receivedBytes += bytes;
    this.isComplete = isLast;
    if (this.#contentLength === undefined) return true;
    return isLast ? this.#receivedBytes === this.#contentLength : this.#receivedBytes <= this.#contentLength;
  }

  get hasHeaders(): boolean {
    return this.block !== undefined || this.interims !== undefined;
  }

  /** Whether only the connection's window may be in the way of content. */
  get maySend(): boolean {
    return this.leftBytes > 0 && this.sendWindow > 0 && this.block === undefined;
  }

  /** Whether something is missing that only the peer can give. */
  get waitsForPeer(): boolean {
    return this.isAnswered || !this.isComplete;
  }

  /** Hands over the next `length` bytes of content, part by part. */
  takeContent(length: number, into: { copy(bytes: Uint8Array, start: number, end: number): void }): void {
    this.leftBytes -= length;
    this.sentBytes += length;
    this.sendWindow -= length;
    for (let missing = length; missing > 0;) {
      const part = this.#body[this.#part] as Uint8Array;
      const stop = Math.min(part.length, this.#partAt + missing);
      into.copy(part, this.#partAt, stop);
      missing -= stop - this.#partAt;
      this.#partAt = stop;
      if (stop < part.length) continue;
      this.#part++;
      this.#partAt = 0;
    }
  }
}
