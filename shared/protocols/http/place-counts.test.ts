import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlaceCounts } from './place-counts.ts';

describe('PlaceCounts', () => {
  it('one part shows the other what it has, and only that', () => {
    const memory = PlaceCounts.memoryFor(400);
    const [main, worker] = [new PlaceCounts(memory, 0), new PlaceCounts(memory, 1)];
    main.add('192.0.2.1', 1);
    main.add('192.0.2.1', 1);
    worker.add('2001:db8::/64', 1);
    const seen = new PlaceCounts(memory, 0);
    expect([seen.total, seen.of('192.0.2.1'), seen.of('2001:db8::/64')]).toEqual([2, 2, 0]);
    expect([worker.total, worker.of('192.0.2.1'), worker.of('2001:db8::/64')]).toEqual([1, 0, 1]);
    worker.clear();
    expect([main.total, worker.total, worker.of('2001:db8::/64')]).toEqual([2, 0, 0]);
  });

  it('is never too small, and nothing is left when all have gone', () => {
    const networks = fc.array(fc.string({ maxLength: 12 }), { maxLength: 100 });
    fc.assert(
      fc.property(networks, fc.integer({ min: 1, max: 40 }), (names, max) => {
        const counts = new PlaceCounts(PlaceCounts.memoryFor(max), 1);
        const exact = new Map<string, number>();
        for (const name of names) {
          counts.add(name, 1);
          exact.set(name, (exact.get(name) ?? 0) + 1);
        }
        expect(counts.total).toBe(names.length);
        for (const [name, count] of exact) expect(counts.of(name)).toBeGreaterThanOrEqual(count);
        for (const name of names) counts.add(name, -1);
        for (const name of names) expect(counts.of(name)).toBe(0);
      }),
    );
  });

  it.each([
    ['IPv4', (index: number) => `203.0.${index >> 8}.${index & 255}`],
    ['IPv6', (index: number) => `2001:db8:0:${index.toString(16)}::/64`],
  ])('is too large for fewer than one in a hundred when every place is another %s network', (_, nameOf) => {
    const counts = new PlaceCounts(PlaceCounts.memoryFor(10_000), 0);
    const names = Array.from({ length: 10_000 }, (__, index) => nameOf(index));
    for (const name of names) counts.add(name, 1);
    expect(names.filter(name => counts.of(name) !== 1).length).toBeLessThan(100);
  });
});
