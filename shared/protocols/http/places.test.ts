import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Places, shareOfPlaces, type Place } from './places.ts';

const LIMITS = { max: 3, perNetworkMax: 2, slowBytesPerSecond: 1_000, rateWindowMs: 10_000 };

function table() {
  const places = new Places<string>(LIMITS);
  const evicted: string[] = [];
  const admit = (holder: string, network: string, nowMs: number): Place<string> | undefined =>
    places.admit(holder, network, nowMs, gone => void evicted.push(gone));
  return { places, evicted, admit };
}

describe('Places', () => {
  it('lets whoever is idle for longest make room', () => {
    const { places, evicted, admit } = table();
    const first = admit('a', '1', 0)!;
    admit('b', '2', 1);
    admit('c', '3', 2);
    places.touch(first, 3);
    expect(admit('d', '4', 4)).toBeDefined();
    expect(evicted).toEqual(['b']);
    expect(places.size).toBe(3);
  });

  it('looks for room in the network whose share is used up', () => {
    const { places, evicted, admit } = table();
    admit('other', '2', 0);
    const first = admit('a', '1', 1)!;
    admit('b', '1', 2);
    places.touch(first, 3);
    admit('c', '1', 4);
    expect(evicted).toEqual(['b']);
  });

  it('turns away where every place is taken by a running exchange', () => {
    const { places, evicted, admit } = table();
    for (const name of ['a', 'b', 'c']) places.begin(admit(name, name, 0)!, 0);
    expect(admit('d', 'd', 1)).toBeUndefined();
    expect(evicted).toEqual([]);
  });

  it('then lets the slowest make room, once a whole window has shown who it is', () => {
    const { places, evicted, admit } = table();
    const [slow, slower, fast] = ['slow', 'slower', 'fast'].map(name => admit(name, name, 0)!) as [
      Place<string>,
      Place<string>,
      Place<string>,
    ];
    for (const place of [slow, slower, fast]) places.begin(place, 0);
    fast.windowBytes = 50_000;
    slow.windowBytes = 9_000;
    slower.windowBytes = 8_000;
    places.judge(9_999);
    expect(admit('new', 'new', 9_999)).toBeUndefined();
    places.judge(10_000);
    expect(admit('new', 'new', 10_001)).toBeDefined();
    expect(evicted).toEqual(['slower']);
  });

  it('forgets a slowness with its exchange', () => {
    const { places, admit } = table();
    const place = admit('a', '1', 0)!;
    places.begin(place, 0);
    places.judge(10_000);
    places.end(place, 10_001);
    expect(places.idleHolders()).toEqual(['a']);
    for (const other of [place, admit('b', '2', 10_002)!, admit('c', '3', 10_002)!])
      places.begin(other, 10_003);
    expect(admit('d', '4', 10_004)).toBeUndefined();
    for (const holder of places.holders()) expect(['a', 'b', 'c']).toContain(holder);
    places.leave(place);
    expect(places.size).toBe(2);
  });
});

describe('a siege', () => {
  const BIG = { max: 400, perNetworkMax: 400, slowBytesPerSecond: 16_384, rateWindowMs: 30_000 };

  /** One network takes every place, and an exchange runs on each. */
  function besiege(limits = BIG) {
    const places = new Places<string>(limits);
    const evicted: string[] = [];
    const come = (name: string, network: string, nowMs: number): Place<string> | undefined =>
      places.admit(name, network, nowMs, gone => void evicted.push(gone));
    for (let index = 0; index < limits.max; index++) places.begin(come('attacker', 'attackers', 0)!, 0);
    return { places, evicted, come };
  }

  it('by slow readers costs newcomers nothing, before anybody is found slow and after', () => {
    const { places, evicted, come } = besiege();
    for (let second = 1; second <= 60; second++) {
      places.judge(second * 1_000);
      expect(come('visitor', `visitor ${second}`, second * 1_000)).toBeDefined();
      // The attackers do not get back what they lost at the cost of anybody else.
      come('attacker', 'attackers', second * 1_000);
    }
    expect(new Set(evicted)).toEqual(new Set(['attacker']));
    expect(places.size).toBe(BIG.max);
  });

  it('cuts nobody off who reads well for whoever has a like share', () => {
    const { places, evicted, come } = besiege();
    const visitors: Place<string>[] = [];
    for (;;) {
      const place = come('visitor', 'visitors', 1);
      if (place === undefined) break;
      places.begin(place, 1);
      visitors.push(place);
    }
    // 267 attackers are left, fewer than twice the 134 that there would have been.
    expect(visitors.length).toBe(133);
    expect(evicted).toEqual(visitors.map(() => 'attacker'));
  });

  it('is cheap to stand: 50,000 newcomers, each of another network, where 20,000 places are taken', () => {
    const { evicted, come, places } = besiege({ ...BIG, max: 20_000, perNetworkMax: 20_000 });
    const begun = performance.now();
    let asking: Place<string> | undefined;
    for (let index = 0; index < 50_000; index++) {
      const place = come('newcomer', `network ${index}`, index);
      if (index % 3 !== 0 || place === undefined) continue;
      if (asking !== undefined) places.end(asking, index);
      places.begin((asking = place), index);
    }
    expect(evicted.length).toBe(50_000);
    // 0.3 s on a busy machine; looking at all 20,000 for each of them would be a thousand million looks.
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

it('shareOfPlaces(): together never more than all, and each always an eighth', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 500 }),
      fc.array(fc.boolean(), { maxLength: 600 }),
      (max, arrivals) => {
        const open = { here: 0, there: 0 };
        for (const isHere of arrivals) {
          const [mine, other] = isHere ? (['here', 'there'] as const) : (['there', 'here'] as const);
          const share = shareOfPlaces(max, open[other]);
          expect(share).toBeGreaterThanOrEqual(Math.ceil(max / 8));
          // One more, or one of mine makes room.
          open[mine] = Math.min(open[mine] + 1, Math.max(open[mine], share));
          expect(open.here + open.there).toBeLessThanOrEqual(max);
        }
      },
    ),
  );
});
