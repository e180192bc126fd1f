import type { Ranked } from './ranking.ts';

/** One connection's place. The fields are its table's own. */
export class Place<Holder> {
  readonly holder: Holder;
  readonly network: PlaceNetwork<Holder>;
  running = 0;
  idleSinceMs: number;
  /** Since when, and how many bytes, the present window counts. */
  windowStartMs = 0;
  windowBytes = 0;
  /** What a running exchange moved in its last whole window, where that was too little. */
  slowBytes: number | undefined;
  /** Stands in its network's queue of running exchanges. */
  queued = false;
  /** Stands in its network's list of the idle, with these neighbours. */
  isIdle = false;
  idleBefore: Place<Holder> | undefined;
  idleAfter: Place<Holder> | undefined;

  constructor(holder: Holder, network: PlaceNetwork<Holder>, nowMs: number) {
    this.holder = holder;
    this.network = network;
    this.idleSinceMs = nowMs;
  }

  beginWindow(nowMs: number): void {
    this.windowStartMs = nowMs;
    this.windowBytes = 0;
  }
}

/**
 * Idle places in the order in which they became so. Linked, since a Set goes through all that was deleted before its first element, and
 * every request moves its place to the end.
 */
export class IdleList<Holder> {
  first: Place<Holder> | undefined;
  #last: Place<Holder> | undefined;

  append(place: Place<Holder>): void {
    place.isIdle = true;
    place.idleBefore = this.#last;
    if (this.#last === undefined) this.first = place;
    else this.#last.idleAfter = place;
    this.#last = place;
  }

  /** Whether it was there. */
  remove(place: Place<Holder>): boolean {
    if (!place.isIdle) return false;
    const { idleBefore, idleAfter } = place;
    if (idleBefore === undefined) this.first = idleAfter;
    else idleBefore.idleAfter = idleAfter;
    if (idleAfter === undefined) this.#last = idleBefore;
    else idleAfter.idleBefore = idleBefore;
    place.isIdle = false;
    place.idleBefore = undefined;
    place.idleAfter = undefined;
    return true;
  }

  *[Symbol.iterator](): Generator<Place<Holder>, void> {
    for (let place = this.first; place !== undefined; place = place.idleAfter) yield place;
  }
}

/** Above every time: so any idle connection is before any slow one. */
const SLOW = 2 ** 50;

/** The places of one network, and which of them it would give up first: the idle, then the slow, then others that run. */
export class PlaceNetwork<Holder> implements Ranked {
  readonly name: string;
  readonly places: Set<Place<Holder>> = new Set<Place<Holder>>();
  readonly idle: IdleList<Holder> = new IdleList<Holder>();
  rank = 0;
  /** As {@link findUselessness}, or what that was before: it may be too small, never too large. */
  uselessness: number;
  /** The first to go stands last. What is no longer `queued` has ended since. */
  #queue: Place<Holder>[] = [];
  #queuedAtJudgement = -1;

  constructor(name: string, nowMs: number) {
    this.name = name;
    this.uselessness = nowMs;
  }

  get size(): number {
    return this.places.size;
  }

  /**
   * The slowest running exchange: what the last judgement found slow, then what moves least at present. To be asked where nobody is idle:
   * then sorting once for each `judgement`, and whenever all that were sorted are gone, makes each call cost little.
   */
  slowest(judgement: number, nowMs: number): Place<Holder> | undefined {
    if (this.#queuedAtJudgement !== judgement) this.#queue = [];
    let last = this.#lastQueued();
    if (last === undefined) {
      this.#fillQueue(nowMs);
      this.#queuedAtJudgement = judgement;
      last = this.#lastQueued();
    }
    return last;
  }

  /** The smaller, the sooner it should go: since when somebody is idle; where nobody is, how little the slowest of the slow moved. */
  findUselessness(judgement: number, nowMs: number): number {
    const longestIdle = this.idle.first;
    if (longestIdle !== undefined) return longestIdle.idleSinceMs;
    return uselessnessOfSlow(this.slowest(judgement, nowMs)?.slowBytes);
  }

  #lastQueued(): Place<Holder> | undefined {
    while (this.#queue.length > 0) {
      const last = this.#queue.at(-1);
      if (last?.queued === true) return last;
      this.#queue.pop();
    }
    return undefined;
  }

  #fillQueue(nowMs: number): void {
    const rateOf = (place: Place<Holder>): number =>
      place.windowBytes / Math.max(1, nowMs - place.windowStartMs);
    this.#queue = Array.from(this.places)
      .filter(place => place.running > 0)
      .sort((left, right) => {
        if (left.slowBytes === undefined && right.slowBytes === undefined)
          return rateOf(right) - rateOf(left);
        return (right.slowBytes ?? Number.MAX_VALUE) - (left.slowBytes ?? Number.MAX_VALUE);
      });
    for (const place of this.#queue) place.queued = true;
  }
}

export function uselessnessOfSlow(bytes: number | undefined): number {
  return bytes === undefined ? Infinity : SLOW + bytes;
}
