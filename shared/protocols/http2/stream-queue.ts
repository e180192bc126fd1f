import type { Stream } from './stream.ts';

/** Streams in an order. A stream is in one queue at most, and its place is in the stream itself: nothing is allocated. */
export class StreamQueue {
  first: Stream | undefined;
  #last: Stream | undefined;

  push(stream: Stream): void {
    this.#insertAfter(this.#last, stream);
  }

  /** Before the first one with a higher identifier, which mostly means at the end. */
  insertById(stream: Stream): void {
    let before = this.#last;
    while (before !== undefined && before.id > stream.id) before = before.previous;
    this.#insertAfter(before, stream);
  }

  remove(stream: Stream): void {
    const { next, previous } = stream;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    stream.next = undefined;
    stream.previous = undefined;
    stream.queue = undefined;
  }

  #insertAfter(before: Stream | undefined, stream: Stream): void {
    const next = before === undefined ? this.first : before.next;
    stream.previous = before;
    stream.next = next;
    stream.queue = this;
    if (before === undefined) this.first = stream;
    else before.next = stream;
    if (next === undefined) this.#last = stream;
    else next.previous = stream;
  }
}
