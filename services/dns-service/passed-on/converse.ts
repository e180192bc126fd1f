import type { Flow } from '../../../shared/devices/tcp.ts';
import { frameMessage, MessageFrames } from '../../../shared/protocols/dns/message-frames.ts';
import { STREAM_REQUESTS_MAX } from '../limits.ts';
import type { Replies } from './handle.ts';

export interface ConverseOptions {
  readonly answer: (message: Uint8Array) => Replies | Promise<Replies>;
  /** A whole message came, or an answer was written. */
  readonly onProgress: (what: 'received' | 'sent') => void;
}

/**
 * Answers the messages of one connection. RFC 7766 §6.2.1.1: an answer leaves when it is ready, whatever was asked before; RFC 9103 §6.2:
 * those of several messages alternate. While the peer does not read, nothing more is taken from it and nothing made for it.
 */
export function converse(flow: Flow, options: ConverseOptions): void {
  const conversation = new Conversation(flow, options);
  flow.on('data', (piece: Uint8Array) => conversation.take(piece));
  flow.on('drain', () => conversation.proceed());
  // RFC 7766 §6.2.4: who asks no more is answered what was asked.
  flow.on('end', () => conversation.endWhenDone());
  flow.once('close', () => conversation.drop());
}

class Conversation {
  readonly #flow: Flow;
  readonly #options: ConverseOptions;
  readonly #frames = new MessageFrames();
  /** Messages that came together, and how many of them are begun. */
  #waiting: readonly Uint8Array[] = [];
  #begun = 0;
  /** Their answers are being made. */
  #pending = 0;
  /** Answers that may leave, or the rest of them. */
  readonly #ready: Iterator<Uint8Array>[] = [];
  #hasEnded = false;

  constructor(flow: Flow, options: ConverseOptions) {
    this.#flow = flow;
    this.#options = options;
  }

  take(piece: Uint8Array): void {
    const messages = this.#frames.take(piece);
    // Mostly nothing waits: otherwise the flow is paused.
    this.#waiting = [...this.#waiting.slice(this.#begun), ...messages];
    this.#begun = 0;
    this.proceed();
  }

  endWhenDone(): void {
    this.#hasEnded = true;
    this.proceed();
  }

  proceed(): void {
    const flow = this.#flow;
    while (flow.writable) {
      if (flow.writableNeedDrain) return void flow.pause();
      const isBegun = this.#beginNext();
      if (this.#ready.length > 0) this.#writeNext();
      else if (!isBegun) return this.#rest();
    }
  }

  /** Transfers are let go of: each holds a whole zone. */
  drop(): void {
    this.#waiting = [];
    for (const replies of this.#ready.splice(0)) replies.return?.();
  }

  /** Nothing can be done until something comes or an answer is ready. */
  #rest(): void {
    if (this.#begun < this.#waiting.length) return void this.#flow.pause();
    if (this.#hasEnded && this.#pending === 0) return void this.#flow.end();
    this.#flow.resume();
  }

  #beginNext(): boolean {
    if (this.#pending + this.#ready.length >= STREAM_REQUESTS_MAX) return false;
    const message = this.#waiting[this.#begun];
    if (message === undefined) return false;
    this.#begun++;
    this.#options.onProgress('received');
    const replies = this.#options.answer(message);
    if (replies instanceof Promise) void this.#await(replies);
    else this.#ready.push(replies[Symbol.iterator]());
    return true;
  }

  async #await(answer: Promise<Replies>): Promise<void> {
    this.#pending++;
    const replies = await answer;
    this.#pending--;
    this.#ready.push(replies[Symbol.iterator]());
    if (this.#flow.destroyed) this.drop();
    else this.proceed();
  }

  #writeNext(): void {
    const replies = this.#ready.shift() as Iterator<Uint8Array>;
    const { done, value } = replies.next();
    if (done === true) return;
    this.#ready.push(replies);
    this.#flow.write(frameMessage(value));
    this.#options.onProgress('sent');
  }
}
