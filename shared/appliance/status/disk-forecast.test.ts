import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysUntilFull } from './disk-forecast.ts';

const HOUR = 3_600_000;

describe('daysUntilFull()', () => {
  it('follows a steady growth', () => {
    const samples = Array.from({ length: 48 }, (_, hour) => ({
      timeMs: hour * HOUR,
      usedBytes: 1_000 + hour * 10,
    }));
    expect(daysUntilFull(samples, 2_400)).toBeCloseTo(10, 6);
  });

  it('says nothing on a shrinking or steady volume, or after too short a time', () => {
    const flat = [0, 10].map(hour => ({ timeMs: hour * HOUR, usedBytes: 5 }));
    expect(daysUntilFull(flat, 100)).toBeUndefined();
    expect(daysUntilFull([flat[0]!, { timeMs: 10 * HOUR, usedBytes: 4 }], 100)).toBeUndefined();
    expect(daysUntilFull([flat[0]!, { timeMs: HOUR, usedBytes: 50 }], 100)).toBeUndefined();
    expect(daysUntilFull([], 100)).toBeUndefined();
  });

  it('is never negative', () => {
    const sample = fc.record({ timeMs: fc.nat(1e12), usedBytes: fc.nat(1e12) });
    fc.assert(
      fc.property(fc.array(sample), fc.integer(), (samples, free) => {
        const sorted = samples.toSorted((left, right) => left.timeMs - right.timeMs);
        expect(daysUntilFull(sorted, free) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
