import type { Stream } from './stream.ts';
import { StreamQueue } from './stream-queue.ts';

/** Streams of one urgency whose content may be sent. */
class Level {
  readonly sequential = new StreamQueue();
  readonly incremental = new StreamQueue();
  /** Whether the incremental ones are next where there are both. */
  isIncrementalNext = false;

  get isEmpty(): boolean {
    return this.sequential.first === undefined && this.incremental.first === undefined;
  }
}

/** Which stream's content is sent next (RFC 9218 §10). */
export class Schedule {
  readonly #levels: (Level | undefined)[] = [];
  /** A bit for each urgency that has streams. */
  #ready = 0;

  get isEmpty(): boolean {
    return this.#ready === 0;
  }

  add(stream: Stream): void {
    const { urgency, incremental } = stream.priority;
    const level = (this.#levels[urgency] ??= new Level());
    this.#ready |= 1 << urgency;
    // RFC 9218 §10: non-incremental responses are sent in ascending order of their streams, incremental ones share the bandwidth.
    if (incremental) level.incremental.push(stream);
    else level.sequential.insertById(stream);
  }

  remove(stream: Stream): void {
    const { urgency } = stream.priority;
    const level = this.#levels[urgency] as Level;
    stream.queue?.remove(stream);
    if (level.isEmpty) this.#ready &= ~(1 << urgency);
  }

  /** RFC 9218 §4.1: lower urgencies first. */
  next(): Stream | undefined {
    if (this.#ready === 0) return undefined;
    const level = this.#levels[31 - Math.clz32(this.#ready & -this.#ready)] as Level;
    const isIncrementalNext = level.isIncrementalNext || level.sequential.first === undefined;
    return (isIncrementalNext ? level.incremental.first : undefined) ?? level.sequential.first;
  }

  /** After a frame of `stream`: whose turn it is. */
  rotate(stream: Stream): void {
    const { urgency, incremental } = stream.priority;
    const level = this.#levels[urgency] as Level;
    // Where both kinds wait, one frame of each in turn: neither starves.
    level.isIncrementalNext = !incremental;
    if (!incremental) return;
    level.incremental.remove(stream);
    level.incremental.push(stream);
  }
}
