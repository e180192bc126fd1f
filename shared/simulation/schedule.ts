/** Something that will happen at a virtual time. Cancelling it leaves an empty entry that is skipped when its time comes. */
export interface ScheduledEvent {
  readonly timeUs: number;
  /** Ties at one time are broken by the order of scheduling: that, not chance, decides who goes first. */
  readonly sequence: number;
  callback: (() => void) | undefined;
}

/**
 * Virtual time: a heap of events ordered by time, then by sequence. Times are whole microseconds, so that no rounding
 * depends on the order of additions; three years are 10^14 of them, far below 2^53.
 */
export class Schedule {
  readonly #heap: ScheduledEvent[] = [];
  #sequence = 0;
  #nowUs = 0;

  get nowUs(): number {
    return this.#nowUs;
  }

  /** Runs `callback` `delayUs` from now; fractions are rounded up, what is past counts as now. */
  after(delayUs: number, callback: () => void): ScheduledEvent {
    const timeUs = this.#nowUs + Math.max(0, Math.ceil(delayUs));
    const event = { timeUs, sequence: this.#sequence++, callback };
    this.#heap.push(event);
    this.#rise(this.#heap.length - 1);
    return event;
  }

  cancel(event: ScheduledEvent): void {
    event.callback = undefined;
  }

  /** Moves time to the next event and gives its callback, or undefined when nothing is left. */
  take(): (() => void) | undefined {
    for (;;) {
      const event = this.#pop();
      if (event === undefined) return undefined;
      const { callback } = event;
      if (callback === undefined) continue;
      event.callback = undefined;
      this.#nowUs = event.timeUs;
      return callback;
    }
  }

  #pop(): ScheduledEvent | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.#heap[0] = last;
    this.#sink();
    return first;
  }

  #rise(index: number): void {
    const heap = this.#heap;
    const event = heap[index] as ScheduledEvent;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as ScheduledEvent;
      if (!isBefore(event, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
  }

  #sink(): void {
    const heap = this.#heap;
    const event = heap[0] as ScheduledEvent;
    let index = 0;
    for (;;) {
      let childIndex = index * 2 + 1;
      if (childIndex >= heap.length) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, heap[childIndex] as ScheduledEvent)) childIndex++;
      const child = heap[childIndex] as ScheduledEvent;
      if (!isBefore(child, event)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = event;
  }
}

function isBefore(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.timeUs < right.timeUs || (left.timeUs === right.timeUs && left.sequence < right.sequence);
}
