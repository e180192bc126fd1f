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

/** Above every time: so any idle connection is before any slow one. */
const SLOW = 2 ** 50;

/** The places of one network, and which of them it would give up first: the idle, then the slow, then others that run. */
export class PlaceNetwork<Holder> implements Ranked {
  readonly name: string;
  readonly places: Set<Place<Holder>> = new Set<Place<Holder>>();
  /** In the order in which they became so. */
  readonly idle: Set<Place<Holder>> = new Set<Place<Holder>>();
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

  get longestIdle(): Place<Holder> | undefined {
    const [place] = this.idle;
    return place;
  }

  /**
   * The slowest running exchange: what the last judgement found slow, then what moves least at present. Sorted once for each `judgement`
   * and whenever all that were sorted are gone, so that each call costs little.
   */
  slowest(judgement: number, nowMs: number): Place<Holder> | undefined {
    if (this.#queuedAtJudgement !== judgement) this.#queue = [];
    let last = this.#lastQueued();
    if (last === undefined && this.idle.size < this.size) {
      this.#fillQueue(nowMs);
      this.#queuedAtJudgement = judgement;
      last = this.#lastQueued();
    }
    return last;
  }

  /** The smaller, the sooner it should go: since when somebody is idle; where nobody is, how little the slowest of the slow moved. */
  findUselessness(judgement: number, nowMs: number): number {
    const { longestIdle } = this;
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
