import type { Priority } from './priority.ts';

/** RFC 9218 §7.1: PRIORITY_UPDATE may come before the request it is for. */
export class EarlyPriorities {
  readonly #priorities = new Map<number, Priority>();

  get size(): number {
    return this.#priorities.size;
  }

  has(stream: number): boolean {
    return this.#priorities.has(stream);
  }

  set(stream: number, priority: Priority): void {
    this.#priorities.set(stream, priority);
  }

  /** What was said of a stream that is now opened. RFC 9113 §5.1.1: lower ones will not be opened any more. */
  take(stream: number): Priority | undefined {
    if (this.#priorities.size === 0) return undefined;
    const priority = this.#priorities.get(stream);
    for (const id of this.#priorities.keys()) if (id <= stream) this.#priorities.delete(id);
    return priority;
  }
}
