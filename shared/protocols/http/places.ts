/**
 * How many of `max` places one of two servers may take while the other has so many: all that are free, but an eighth is always kept for
 * each, so that neither can be starved by whoever fills the other. Together they never have more than `max`.
 */
export function shareOfPlaces(max: number, elsewhere: number): number {
  const kept = Math.ceil(max / 8);
  return Math.max(kept, Math.min(max - kept, max - elsewhere));
}

/** What bounds the connections of one server. */
export interface PlaceLimits {
  /** Asked at each admission. */
  readonly max: number;
  readonly perNetworkMax: number;
  /**
   * Where every place has a running exchange, one that moved fewer bytes a second in its last whole window makes room for the next
   * visitor. Nobody is cut off while there is room.
   */
  readonly slowBytesPerSecond: number;
  readonly rateWindowMs: number;
}

/** One connection's place. The fields are its table's own. */
export class Place<Holder> {
  readonly holder: Holder;
  readonly network: string;
  running = 0;
  idleSinceMs: number;
  /** Since when, and how many bytes, the present window counts. */
  windowStartMs = 0;
  windowBytes = 0;

  constructor(holder: Holder, network: string, nowMs: number) {
    this.holder = holder;
    this.network = network;
    this.idleSinceMs = nowMs;
  }
}

/**
 * Who has a place. When places run out, the connection that has been idle for longest makes room: whoever parks connections loses them,
 * and whoever asks for a page gets one. Where none is idle, the slowest reader of those that are slow does. Idle ones stand in the order
 * in which they became so, so each step is cheap. Times are monotonic.
 */
export class Places<Holder> {
  readonly #limits: PlaceLimits;
  readonly #all = new Set<Place<Holder>>();
  readonly #idle = new Set<Place<Holder>>();
  /** Running exchanges that moved too little in their last whole window, with the bytes that they did move. */
  readonly #slow = new Map<Place<Holder>, number>();
  readonly #byNetwork = new Map<string, Set<Place<Holder>>>();

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Everyone who has a place. */
  holders(): Holder[] {
    return Array.from(this.#all, place => place.holder);
  }

  idleHolders(): Holder[] {
    return Array.from(this.#idle, place => place.holder);
  }

  /** A place for `holder`, idle; `evict` is told who lost his for it, at most two. undefined: there is none. */
  admit(
    holder: Holder,
    network: string,
    nowMs: number,
    evict: (holder: Holder) => void,
  ): Place<Holder> | undefined {
    const neighbours = this.#byNetwork.get(network);
    if (neighbours !== undefined && neighbours.size >= this.#limits.perNetworkMax)
      if (!this.#evict(longestIdle(neighbours) ?? this.#slowestOf(neighbours), evict)) return undefined;
    if (this.#all.size >= this.#limits.max) {
      const [idlest] = this.#idle;
      if (!this.#evict(idlest ?? this.#slowestOf(this.#all), evict)) return undefined;
    }
    const place = new Place(holder, network, nowMs);
    this.#all.add(place);
    this.#idle.add(place);
    const same = this.#byNetwork.get(network);
    if (same === undefined) this.#byNetwork.set(network, new Set([place]));
    else same.add(place);
    return place;
  }

  /** An exchange begins: from the first until the last has ended only slowness makes the place's holder give way. */
  begin(place: Place<Holder>, nowMs: number): void {
    if (place.running++ > 0) return;
    this.#idle.delete(place);
    this.#beginWindow(place, nowMs);
  }

  end(place: Place<Holder>, nowMs: number): void {
    if (--place.running > 0 || !this.#all.has(place)) return;
    this.#slow.delete(place);
    place.idleSinceMs = nowMs;
    this.#idle.add(place);
  }

  /** An exchange that began and ended at once. */
  touch(place: Place<Holder>, nowMs: number): void {
    if (place.running > 0 || !this.#idle.delete(place)) return;
    place.idleSinceMs = nowMs;
    this.#idle.add(place);
  }

  leave(place: Place<Holder>): void {
    if (!this.#all.delete(place)) return;
    this.#idle.delete(place);
    this.#slow.delete(place);
    const neighbours = this.#byNetwork.get(place.network);
    neighbours?.delete(place);
    if (neighbours?.size === 0) this.#byNetwork.delete(place.network);
  }

  /** Those that are idle since `beforeMs` or longer. */
  idleSince(beforeMs: number): Holder[] {
    const holders: Holder[] = [];
    for (const place of this.#idle) {
      if (place.idleSinceMs > beforeMs) break;
      holders.push(place.holder);
    }
    return holders;
  }

  /** To be called every second or so: finds running exchanges slow, or not, at the end of each one's window. */
  judge(nowMs: number): void {
    const { slowBytesPerSecond, rateWindowMs } = this.#limits;
    for (const place of this.#all) {
      const elapsedMs = nowMs - place.windowStartMs;
      if (place.running === 0 || elapsedMs < rateWindowMs) continue;
      if (place.windowBytes < (slowBytesPerSecond * elapsedMs) / 1000)
        this.#slow.set(place, place.windowBytes);
      else this.#slow.delete(place);
      this.#beginWindow(place, nowMs);
    }
  }

  #beginWindow(place: Place<Holder>, nowMs: number): void {
    place.windowStartMs = nowMs;
    place.windowBytes = 0;
  }

  #evict(place: Place<Holder> | undefined, evict: (holder: Holder) => void): boolean {
    if (place === undefined) return false;
    this.leave(place);
    evict(place.holder);
    return true;
  }

  #slowestOf(places: ReadonlySet<Place<Holder>>): Place<Holder> | undefined {
    let slowest: Place<Holder> | undefined;
    let leastBytes = Infinity;
    for (const [place, bytes] of this.#slow) {
      if (bytes >= leastBytes || !places.has(place)) continue;
      slowest = place;
      leastBytes = bytes;
    }
    return slowest;
  }
}

function longestIdle<Holder>(places: ReadonlySet<Place<Holder>>): Place<Holder> | undefined {
  let longest: Place<Holder> | undefined;
  for (const place of places)
    if (place.running === 0 && (longest === undefined || place.idleSinceMs < longest.idleSinceMs))
      longest = place;
  return longest;
}
