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
    places.leave(place);
    expect(places.size).toBe(0);
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
