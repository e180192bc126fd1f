import type { PlaceCounts } from './place-counts.ts';
import { Place, PlaceNetwork, uselessnessOfSlow } from './place-network.ts';
import { Ranking } from './ranking.ts';

export type { Place } from './place-network.ts';

/**
 * How many of `max` places one of two servers may take while the other has so many: all that are free, but an eighth is always kept for
 * each, so that neither can be starved by whoever fills the other. Together they never have more than `max`, if that is two or more.
 */
export function shareOfPlaces(max: number, elsewhere: number): number {
  const kept = Math.ceil(max / 8);
  return Math.max(kept, Math.min(max - kept, max - elsewhere));
}

/** What bounds the connections of one server. All of it is asked at each admission. */
export interface PlaceLimits {
  readonly max: number;
  /** Of one network. */
  readonly perNetworkMax: number;
  /** A running exchange that moved fewer bytes a second in its last whole window goes before others that run. */
  readonly slowBytesPerSecond: number;
  readonly rateWindowMs: number;
  /** Told of every place. */
  readonly here?: PlaceCounts | undefined;
  /** The places of another server of the same visitors: both limits hold for the two together, as {@link shareOfPlaces} says. */
  readonly elsewhere?: PlaceCounts | undefined;
}

/**
 * An exchange that is not slow, or not yet found so, is cut off only where its network holds so many times what the newcomer's would have:
 * whoever holds every place by reading just fast enough gives some up, and nobody is cut off for an equal.
 */
const TIMES_LARGER = 2;

/**
 * Who has a place. When places run out, the network that holds the most makes room: of networks that hold equally many, the one with the
 * connection that has been idle for longest. In it, that connection goes; where none is idle, the slowest reader of those that are slow;
 * where none is slow, the slowest of all, if the newcomer's network has far less. So whoever parks connections or reads slowly loses his own,
 * and whoever comes from another network is never his victim. Each step is O(log n), amortised. Times are monotonic.
 */
export class Places<Holder> {
  readonly #limits: PlaceLimits;
  readonly #networks = new Map<string, PlaceNetwork<Holder>>();
  /** The network that is to make room stands first, once its uselessness is known exactly. */
  readonly #ranking = new Ranking<PlaceNetwork<Holder>>(
    (left, right) =>
      left.size > right.size || (left.size === right.size && left.uselessness < right.uselessness),
  );
  #size = 0;
  #judgement = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Everyone who has a place. */
  holders(): Holder[] {
    return Array.from(this.#networks.values()).flatMap(({ places }) => holdersOf(places));
  }

  idleHolders(): Holder[] {
    return Array.from(this.#networks.values()).flatMap(({ idle }) => holdersOf(idle));
  }

  /** Takes their places from those that are idle since `beforeMs` or longer: they are who is returned. */
  expire(beforeMs: number): Holder[] {
    const expired: Place<Holder>[] = [];
    for (const { idle } of this.#networks.values())
      for (const place of idle) {
        if (place.idleSinceMs > beforeMs) break;
        expired.push(place);
      }
    for (const place of expired) this.leave(place);
    return expired.map(place => place.holder);
  }

  /** A place for `holder`, idle; `evict` is told who lost his for it, at most two. undefined: there is none. */
  admit(
    holder: Holder,
    networkName: string,
    nowMs: number,
    evict: (holder: Holder) => void,
  ): Place<Holder> | undefined {
    const same = this.#networks.get(networkName);
    if (same !== undefined && same.size >= this.#shareOf(same))
      if (!this.#evict(this.#uselessOf(same, nowMs), evict)) return undefined;
    if (this.#size >= this.#max())
      if (!this.#evict(this.#victimFor(networkName, nowMs), evict)) return undefined;
    const network = this.#networks.get(networkName) ?? this.#addNetwork(networkName, nowMs);
    const place = new Place(holder, network, nowMs);
    network.places.add(place);
    this.#setIdle(place, nowMs);
    this.#ranking.rise(network);
    this.#count(network, 1);
    return place;
  }

  /** An exchange begins: from the first until the last has ended only slowness makes the place's holder give way. */
  begin(place: Place<Holder>, nowMs: number): void {
    if (place.running++ > 0) return;
    place.network.idle.remove(place);
    place.beginWindow(nowMs);
  }

  end(place: Place<Holder>, nowMs: number): void {
    if (--place.running > 0 || !place.network.places.has(place)) return;
    place.slowBytes = undefined;
    place.queued = false;
    this.#setIdle(place, nowMs);
  }

  /** An exchange that began and ended at once. */
  touch(place: Place<Holder>, nowMs: number): void {
    if (!place.network.idle.remove(place)) return;
    place.idleSinceMs = nowMs;
    place.network.idle.append(place);
  }

  leave(place: Place<Holder>): void {
    const { network } = place;
    if (!network.places.delete(place)) return;
    network.idle.remove(place);
    place.queued = false;
    this.#count(network, -1);
    if (network.size > 0) return this.#ranking.sink(network);
    this.#networks.delete(network.name);
    this.#ranking.remove(network);
  }

  /** To be called every second or so: finds running exchanges slow, or not, at the end of each one's window. */
  judge(nowMs: number): void {
    this.#judgement++;
    for (const network of this.#networks.values()) {
      let least: number | undefined;
      for (const place of network.places) {
        this.#judgeOne(place, nowMs);
        if (place.slowBytes !== undefined) least = Math.min(place.slowBytes, least ?? Infinity);
      }
      if (network.idle.first === undefined) this.#lowerUselessness(network, uselessnessOfSlow(least));
    }
  }

  #judgeOne(place: Place<Holder>, nowMs: number): void {
    const { slowBytesPerSecond, rateWindowMs } = this.#limits;
    const elapsedMs = nowMs - place.windowStartMs;
    if (place.running === 0 || elapsedMs < rateWindowMs) return;
    const isSlow = place.windowBytes < (slowBytesPerSecond * elapsedMs) / 1000;
    place.slowBytes = isSlow ? place.windowBytes : undefined;
    place.beginWindow(nowMs);
  }

  #max(): number {
    const { max, elsewhere } = this.#limits;
    return elsewhere === undefined ? max : shareOfPlaces(max, elsewhere.total);
  }

  #shareOf({ name }: PlaceNetwork<Holder>): number {
    const { perNetworkMax, elsewhere } = this.#limits;
    return elsewhere === undefined ? perNetworkMax : shareOfPlaces(perNetworkMax, elsewhere.of(name));
  }

  #victimFor(networkName: string, nowMs: number): Place<Holder> | undefined {
    const largest = this.#findLargest(nowMs);
    if (largest === undefined) return undefined;
    const useless = this.#uselessOf(largest, nowMs);
    if (useless !== undefined) return useless;
    const own = this.#networks.get(networkName);
    if (largest.size >= TIMES_LARGER * ((own?.size ?? 0) + 1)) return largest.slowest(this.#judgement, nowMs);
    return own === undefined ? undefined : this.#uselessOf(own, nowMs);
  }

  #uselessOf(network: PlaceNetwork<Holder>, nowMs: number): Place<Holder> | undefined {
    if (network.idle.first !== undefined) return network.idle.first;
    const slowest = network.slowest(this.#judgement, nowMs);
    return slowest?.slowBytes === undefined ? undefined : slowest;
  }

  /** What a network's uselessness has become is found only here, so that requests need not tell: each change is paid for once. */
  #findLargest(nowMs: number): PlaceNetwork<Holder> | undefined {
    for (;;) {
      const { first } = this.#ranking;
      const uselessness = first?.findUselessness(this.#judgement, nowMs) ?? Infinity;
      if (first === undefined || first.uselessness === uselessness) return first;
      first.uselessness = uselessness;
      this.#ranking.sink(first);
    }
  }

  #addNetwork(name: string, nowMs: number): PlaceNetwork<Holder> {
    const network = new PlaceNetwork<Holder>(name, nowMs);
    this.#networks.set(name, network);
    this.#ranking.add(network);
    return network;
  }

  #setIdle(place: Place<Holder>, nowMs: number): void {
    place.idleSinceMs = nowMs;
    place.network.idle.append(place);
    this.#lowerUselessness(place.network, nowMs);
  }

  #lowerUselessness(network: PlaceNetwork<Holder>, uselessness: number): void {
    if (network.uselessness <= uselessness) return;
    network.uselessness = uselessness;
    this.#ranking.rise(network);
  }

  #count(network: PlaceNetwork<Holder>, difference: 1 | -1): void {
    this.#size += difference;
    this.#limits.here?.add(network.name, difference);
  }

  #evict(place: Place<Holder> | undefined, evict: (holder: Holder) => void): boolean {
    if (place === undefined) return false;
    this.leave(place);
    evict(place.holder);
    return true;
  }
}

function holdersOf<Holder>(places: Iterable<Place<Holder>>): Holder[] {
  return Array.from(places, place => place.holder);
}
