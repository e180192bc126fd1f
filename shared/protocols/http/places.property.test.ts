import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PlaceCounts } from './place-counts.ts';
import { Places, type Place } from './places.ts';

/** How many more places than a newcomer's network would have the largest must have, so that one gives way who is not slow. */
const TIMES_LARGER = 2;
const LIMITS = { max: 8, perNetworkMax: 5, slowBytesPerSecond: 1_000, rateWindowMs: 20 };

type Step =
  | { readonly kind: 'admit'; readonly network: string }
  | { readonly kind: 'begin' | 'end' | 'touch' | 'leave'; readonly index: number }
  | { readonly kind: 'sent'; readonly index: number; readonly bytes: number }
  | { readonly kind: 'judge' };

const index = fc.nat({ max: LIMITS.max - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('admit' as const),
      network: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('begin', 'begin', 'end', 'touch', 'leave'), index }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('sent' as const), index, bytes: fc.nat({ max: 60 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('judge' as const) }) },
);

interface Held {
  readonly network: string;
  place: Place<Held> | undefined;
}

/** Places, and beside them what they should say, found by looking at everyone. Each step takes a millisecond: no two times are equal. */
class World {
  readonly counts = new PlaceCounts(PlaceCounts.memoryFor(LIMITS.max), 0);
  readonly places = new Places<Held>({ ...LIMITS, here: this.counts });
  held: Held[] = [];
  nowMs = 0;

  take(next: Step): void {
    this.nowMs++;
    if (next.kind === 'admit') return this.#admit(next.network);
    if (next.kind === 'judge') return this.places.judge(this.nowMs);
    const one = this.held[next.index];
    if (one?.place === undefined) return;
    if (next.kind === 'sent') one.place.windowBytes += next.bytes;
    else if (next.kind === 'begin') this.places.begin(one.place, this.nowMs);
    else if (next.kind === 'touch') this.places.touch(one.place, this.nowMs);
    else if (next.kind === 'end') {
      if (one.place.running > 0) this.places.end(one.place, this.nowMs);
    } else {
      this.places.leave(one.place);
      this.held = this.held.filter(other => other !== one);
    }
  }

  of(network: string): Held[] {
    return this.held.filter(one => one.network === network);
  }

  /** All of every network that holds as many as the one that holds most. */
  largest(): Held[] {
    const most = Math.max(...this.held.map(({ network }) => this.of(network).length));
    return this.held.filter(({ network }) => this.of(network).length === most);
  }

  #admit(network: string): void {
    const before = { network, candidates: this.#candidatesFor(network) };
    const evicted: Held[] = [];
    const newcomer: Held = { network, place: undefined };
    newcomer.place = this.places.admit(newcomer, network, this.nowMs, gone => void evicted.push(gone));
    // The share of eight is five: a network that has used it up makes room itself, and then there is room.
    expect(evicted.length).toBeLessThanOrEqual(1);
    if (before.candidates === 'room') expect(evicted).toEqual([]);
    else if (before.candidates.length === 0) expect(newcomer.place).toBeUndefined();
    else expect(before.candidates).toContain(evicted[0]);
    if (newcomer.place === undefined) expect(evicted).toEqual([]);
    this.held = this.held.filter(one => !evicted.includes(one));
    if (newcomer.place !== undefined) this.held.push(newcomer);
  }

  /** Who may make room; more than one only where the slowest is sought among those who are not slow, or equally slow. */
  #candidatesFor(network: string): Held[] | 'room' {
    const own = this.of(network);
    if (own.length >= LIMITS.perNetworkMax) return mostUseless(own);
    if (this.held.length < LIMITS.max) return 'room';
    const largest = this.largest();
    const useless = mostUseless(largest);
    if (useless.length > 0) return useless;
    const most = this.of(largest[0]?.network ?? '').length;
    return most >= TIMES_LARGER * (own.length + 1) ? largest : mostUseless(own);
  }
}

/** The one that is idle for longest, or else those that moved least of the slow. */
function mostUseless(among: readonly Held[]): Held[] {
  const idle = among.filter(({ place }) => place?.running === 0);
  const since = Math.min(...idle.map(({ place }) => place?.idleSinceMs ?? Infinity));
  if (idle.length > 0) return idle.filter(({ place }) => place?.idleSinceMs === since);
  const slow = among.filter(({ place }) => place?.slowBytes !== undefined);
  const least = Math.min(...slow.map(({ place }) => place?.slowBytes ?? Infinity));
  return slow.filter(({ place }) => place?.slowBytes === least);
}

it('whatever happens: the limits hold, and the network with the most makes room as looking at everyone finds it', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), steps => {
      const world = new World();
      for (const next of steps) {
        const before = [...world.held];
        const most = world.largest().map(({ network }) => network);
        world.take(next);
        expect(world.places.size).toBe(world.held.length);
        expect(world.places.size).toBeLessThanOrEqual(LIMITS.max);
        for (const { network } of world.held)
          expect(world.of(network).length).toBeLessThanOrEqual(LIMITS.perNetworkMax);
        if (next.kind !== 'admit') continue;
        // A network with fewer than the largest loses none to another network.
        for (const { network } of before.filter(one => !world.held.includes(one)))
          expect([next.network, ...most]).toContain(network);
      }
      expect(new Set(world.places.holders())).toEqual(new Set(world.held));
      expect(world.counts.total).toBe(world.held.length);
      for (const { network } of world.held)
        expect(world.counts.of(network)).toBeGreaterThanOrEqual(world.of(network).length);
    }),
    { numRuns: 200 },
  );
});

it('two servers that count together keep both limits together, and neither is starved', () => {
  const arrival = fc.record({ isHere: fc.boolean(), network: fc.constantFrom('a', 'b', 'c', 'd', 'e') });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 120 }), arrivals => {
      const limits = { ...LIMITS, max: 24, perNetworkMax: 9 };
      const memory = PlaceCounts.memoryFor(limits.max);
      const parts = [new PlaceCounts(memory, 0), new PlaceCounts(memory, 1)] as const;
      const here = new Places<number>({ ...limits, here: parts[0], elsewhere: parts[1] });
      const there = new Places<number>({ ...limits, here: parts[1], elsewhere: parts[0] });
      for (const [nowMs, { isHere, network }] of arrivals.entries()) {
        // Everybody is idle, so that one's own or another makes room.
        expect((isHere ? here : there).admit(nowMs, network, nowMs, () => undefined)).toBeDefined();
        expect(here.size + there.size).toBeLessThanOrEqual(limits.max);
        const exact = [parts[0].of(network), parts[1].of(network)];
        expect((exact[0] ?? 0) + (exact[1] ?? 0)).toBeLessThanOrEqual(limits.perNetworkMax);
      }
    }),
  );
});
