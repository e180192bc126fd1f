import { assert } from '../base/assert.ts';
import { EventLog, type LineSink } from './event-log.ts';
import { type HostOptions, SimulatedHost, type Surroundings } from './host.ts';
import type { Timeline } from './life.ts';
import { Network } from './network.ts';
import { Prng } from './prng.ts';
import { Zones } from './resolver.ts';
import { Schedule } from './schedule.ts';
import { Turns, TURNS_A_ROUND } from './turn.ts';

export interface WorldOptions {
  readonly sink?: LineSink;
}

/** What was promised and did not hold, with the virtual time at which it was seen. */
export interface Violation {
  readonly atMs: number;
  /** The name of the invariant or of the liveness condition. */
  readonly name: string;
  readonly detail: string;
}

/** Says what is wrong, or undefined while the promise holds. Called after every event, so it should be quick. */
export type Invariant = () => string | undefined;

/** More of the same tell nothing new, and a broken invariant stays broken at every event that follows. */
const VIOLATIONS_MAX = 20;

/** A run with more events than this has lost its way: programs wake each other for ever. */
const EVENTS_MAX = 50_000_000;

/**
 * A world in one process, made from a seed: virtual time, hosts, a network between them. Everything that happens in it follows
 * from the seed and the programs, so that a run can be replayed.
 */
export class World {
  readonly seed: string;
  /** For choices of the scenario itself: when to crash what. */
  readonly prng: Prng;
  readonly network: Network;
  readonly zones = new Zones();
  readonly authoritiesPem: string[] = [];
  readonly violations: Violation[] = [];
  readonly #hosts = new Map<string, SimulatedHost>();
  readonly #timeline: Timeline;
  readonly #surroundings: Surroundings;
  readonly #invariants = new Map<string, Invariant>();
  #isRunning = false;
  #realWork = 0;

  constructor(seed: string | number, options: WorldOptions = {}) {
    this.seed = String(seed);
    const prng = new Prng(this.seed);
    this.prng = prng.fork('world');
    this.#timeline = { schedule: new Schedule(), events: new EventLog(options.sink) };
    this.network = new Network(this.#timeline, prng.fork('network'));
    this.#surroundings = {
      timeline: this.#timeline,
      network: this.network,
      zones: this.zones,
      authoritiesPem: this.authoritiesPem,
      prng,
    };
  }

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.#timeline.schedule.nowUs / 1_000;
  }

  get events(): EventLog {
    return this.#timeline.events;
  }

  /** The host of that name, made (and up) when it is first asked for. */
  host(name: string, options: HostOptions = {}): SimulatedHost {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const host = new SimulatedHost(name, this.#surroundings, options);
    this.#hosts.set(name, host);
    return host;
  }

  /** The world's own wait: it belongs to no host and no crash ends it. */
  sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.#timeline.schedule.after(ms * 1_000, resolve);
    });
  }

  /**
   * For work of the real machine whose outcome does not depend on when it ends (WebCrypto, asynchronous zlib): virtual time
   * stands still until it is done. Without this it would end at a different virtual time in every run.
   */
  async whileTimeStands<T>(work: Promise<T>): Promise<T> {
    this.#realWork++;
    try {
      return await work;
    } finally {
      this.#realWork--;
    }
  }

  /** Adds a line of the scenario's own to the event log. */
  note(what: string): void {
    this.events.add(this.#timeline.schedule.nowUs, 'world', what);
  }

  /** A promise that must hold after every event. It is checked until it breaks. */
  invariant(name: string, check: Invariant): void {
    this.#invariants.set(name, check);
  }

  /** Liveness: `check` must come to hold (give undefined) within `withinMs`. Resolves when it does or is too late. */
  async eventually(name: string, withinMs: number, check: Invariant): Promise<void> {
    const deadlineMs = this.nowMs + withinMs;
    for (let fault = check(); fault !== undefined; fault = check()) {
      if (this.nowMs >= deadlineMs) return this.violate(name, `not within ${withinMs} ms: ${fault}`);
      await this.sleep(LIVENESS_POLL_MS);
    }
  }

  violate(name: string, detail: string): void {
    this.note(`VIOLATION ${name}: ${detail}`);
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push({ atMs: this.nowMs, name, detail });
  }

  /**
   * Runs the world until `work` is settled: one event, then everything that it made ready, then the next. Time jumps to the next
   * event at once. @throws what `work` throws; AssertionError where it waits for what nothing will bring about.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    assert(!this.#isRunning, 'the world is running already');
    this.#isRunning = true;
    let isSettled = false;
    try {
      const outcome = work();
      outcome.then(
        () => (isSettled = true),
        () => (isSettled = true),
      );
      await this.#runEvents(() => isSettled, 'fails');
      return await outcome;
    } finally {
      this.#isRunning = false;
    }
  }

  /**
   * Runs the world beside code that knows nothing of it (a device's compliance suite), until the result is disposed.
   * That code must wait for nothing but devices.
   */
  start(): AsyncDisposable {
    assert(!this.#isRunning, 'the world is running already');
    this.#isRunning = true;
    let isStopped = false;
    const running = this.#runEvents(() => isStopped, 'goes on');
    return {
      [Symbol.asyncDispose]: async () => {
        isStopped = true;
        await running;
        this.#isRunning = false;
      },
    };
  }

  async #runEvents(isDone: () => boolean, whenNothingIsLeft: 'fails' | 'goes on'): Promise<void> {
    const { schedule } = this.#timeline;
    const turns = new Turns();
    let quietTurns = 0;
    for (let count = 0; count < EVENTS_MAX;) {
      do await turns.next();
      while (this.#realWork > 0);
      this.#checkInvariants();
      if (isDone()) return;
      const callback = schedule.take();
      if (callback !== undefined) {
        count++;
        quietTurns = 0;
        callback();
        continue;
      }
      // Work that lets Node's loop go round itself is called back once in a round.
      const isOver = ++quietTurns > TURNS_A_ROUND && whenNothingIsLeft === 'fails';
      assert(!isOver, 'nothing will happen any more: the work waits for ever');
    }
    assert(false, `the work was not done after ${EVENTS_MAX} events`);
  }

  #checkInvariants(): void {
    for (const [name, check] of this.#invariants) {
      const fault = check();
      if (fault === undefined) continue;
      this.#invariants.delete(name);
      this.violate(name, fault);
    }
  }
}

/** How often a liveness condition is looked at. */
const LIVENESS_POLL_MS = 100;
