import type { EventLog } from './event-log.ts';
import type { Schedule, ScheduledEvent } from './schedule.ts';

/** What the lives of all hosts share. */
export interface Timeline {
  readonly schedule: Schedule;
  readonly events: EventLog;
}

/**
 * One run of a simulated host, from boot to crash. Devices wait only through their life: when it ends, nothing they
 * scheduled happens any more and no promise of theirs settles, so the program of a crashed host simply stops where it waits,
 * as a program does when power goes.
 */
export class Life {
  readonly hostName: string;
  readonly #timeline: Timeline;
  #alive = true;

  constructor(hostName: string, timeline: Timeline) {
    this.hostName = hostName;
    this.#timeline = timeline;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get nowUs(): number {
    return this.#timeline.schedule.nowUs;
  }

  /** Calls back `delayUs` from now unless the life has ended by then. */
  after(delayUs: number, callback: () => void): ScheduledEvent {
    return this.#timeline.schedule.after(delayUs, () => {
      if (this.#alive) callback();
    });
  }

  cancel(event: ScheduledEvent | undefined): void {
    if (event !== undefined) this.#timeline.schedule.cancel(event);
  }

  /** Resolves `delayUs` from now, or never when the life ends first. */
  delay(delayUs: number): Promise<void> {
    return new Promise(resolve => {
      this.after(delayUs, resolve);
    });
  }

  /** Adds a line to the event log, in the name of this host. */
  record(what: string): void {
    if (this.#alive) this.#timeline.events.add(this.nowUs, this.hostName, what);
  }

  end(): void {
    this.#alive = false;
  }
}
