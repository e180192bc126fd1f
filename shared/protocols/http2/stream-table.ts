import type { Stream } from './stream.ts';

/** A power of two; as many as a peer may have had open at once: frames for older ones are no longer under way. */
const REMEMBERED_MAX = 128;

/** RFC 9113 §5.1: what a stream is that is not open. 'reset': by us, so the peer may not know yet. 'skipped': never used, and closed for good. */
export type ClosedState = 'idle' | 'ended' | 'reset' | 'skipped';

/** The streams of a connection, and what is remembered of those that ended. */
export class StreamTable {
  /** RFC 9113 §6.8: the last one that was, or may have been, acted on. */
  lastTaken = 0;
  takenCount = 0;
  readonly #open = new Map<number, Stream>();
  #lastSeen = 0;
  /** Identifiers of those that ended last, negative where it was our reset. */
  readonly #ended = new Int32Array(REMEMBERED_MAX);
  #endedAt = 0;

  get size(): number {
    return this.#open.size;
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  all(): IterableIterator<Stream> {
    return this.#open.values();
  }

  /** RFC 9113 §5.1.1: a stream of a client is odd, and higher than all before; those between are closed by it. */
  isNew(id: number): boolean {
    return (id & 1) === 1 && id > this.#lastSeen;
  }

  see(id: number): void {
    this.#lastSeen = id;
  }

  add(stream: Stream): void {
    this.lastTaken = stream.id;
    this.takenCount++;
    this.#open.set(stream.id, stream);
  }

  /** It ended, or was refused without ever being open. */
  end(id: number, isOurReset: boolean): void {
    this.#open.delete(id);
    this.#ended[this.#endedAt++ & (REMEMBERED_MAX - 1)] = isOurReset ? -id : id;
  }

  /** Of a stream that is not open. Even ones would be ours, and we open none. */
  stateOf(id: number): ClosedState {
    if (id > this.#lastSeen || (id & 1) === 0) return 'idle';
    if (this.#ended.includes(-id)) return 'reset';
    return this.#ended.includes(id) ? 'ended' : 'skipped';
  }
}
