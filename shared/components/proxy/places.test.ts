import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../appliance/testing/fakes.ts';
import { NoPlaceError, Places, type Holder, type Place } from './places.ts';

const LIMITS = { max: 3, perShareMax: 2, waitingMax: 2, waitingPerShareMax: 1, waitMaxMs: 10_000 };
const never = new AbortController().signal;

function holder(share: string, behaviour: Partial<Holder> = {}): Holder {
  return {
    share,
    movedBytes: () => 0,
    waitsForClient: () => false,
    giveWay: () => undefined,
    ...behaviour,
  };
}

function setUp() {
  const clock = createFakeClock(0);
  const places = new Places(LIMITS, clock);
  const take = (share: string, behaviour?: Partial<Holder>): Promise<Place> =>
    places.take(holder(share, behaviour), never);
  return { clock, places, take };
}

describe('places at a backend', () => {
  it('are given back and go to who waited longest', async () => {
    const { places, take } = setUp();
    const first = await take('a');
    await take('b');
    await take('c');
    const order: string[] = [];
    const waiting = [take('d').then(() => order.push('d')), take('e').then(() => order.push('e'))];
    expect(places.counts()).toEqual({ taken: 3, waiting: 2 });
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await waiting[0];
    expect(order).toEqual(['d']);
    expect(places.counts()).toEqual({ taken: 3, waiting: 1 });
  });

  it('are shared: one network waits for its own while others enter', async () => {
    const { take } = setUp();
    const first = await take('a');
    await take('a');
    const third = take('a');
    await take('b');
    first[Symbol.dispose]();
    await third;
  });

  it('are refused when too many wait, of one share or in all', async () => {
    const { take } = setUp();
    await Promise.all([take('a'), take('a'), take('b')]);
    const waiting = [take('a'), take('c')];
    await expect(take('a')).rejects.toThrow(NoPlaceError);
    await expect(take('d')).rejects.toThrow(NoPlaceError);
    for (const each of waiting) each.catch(() => undefined);
  });

  it('are not waited for beyond the limit, nor by who has left', async () => {
    const { clock, places, take } = setUp();
    await Promise.all([take('a'), take('a'), take('b')]);
    const late = expect(take('c')).rejects.toThrow('no place within 10000 ms');
    const leaving = new AbortController();
    const left = expect(places.take(holder('d'), leaving.signal)).rejects.toThrow('left');
    leaving.abort(new Error('left'));
    await left;
    await clock.advance(10_000);
    await late;
    expect(places.counts()).toEqual({ taken: 3, waiting: 0 });
  });
});

describe('a client that is slow on purpose', () => {
  it('makes room for who waits, the slowest first; one whose backend is slow stays', async () => {
    const { clock, take } = setUp();
    const gone: string[] = [];
    const client = (name: string, bytesPerSecond: number, waitsForClient: boolean): Partial<Holder> => ({
      movedBytes: () => (clock.monotonic() / 1000) * bytesPerSecond,
      waitsForClient: () => waitsForClient,
      giveWay: () => gone.push(name),
    });
    await take('a', client('sips', 1_000, true));
    await take('b', client('stalls', 0, true));
    await take('c', client('long poll', 0, false));
    await clock.advance(11_500);
    expect(gone).toEqual([]);
    await take('d', client('reads well', 100_000, true));
    expect(gone).toEqual(['stalls']);
    const next = take('e', client('new', 0, false));
    await clock.advance(1_000);
    await next;
    expect(gone).toEqual(['stalls', 'sips']);
    const last = take('f');
    await Promise.all([clock.advance(10_000), expect(last).rejects.toThrow(NoPlaceError)]);
    expect(gone).toEqual(['stalls', 'sips']);
  });

  it('costs only its own share where that is what is full', async () => {
    const { clock, take } = setUp();
    const gone: string[] = [];
    await take('a');
    await take('a');
    await take('b', { waitsForClient: () => true, giveWay: () => gone.push('b') });
    const waiting = take('a');
    await Promise.all([clock.advance(10_500), expect(waiting).rejects.toThrow(NoPlaceError)]);
    expect(gone).toEqual([]);
  });
});
