import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange, RANGES_MAX } from './ranges.ts';

function pairs(text: string, size: number) {
  const outcome = parseRange(text, size);
  return outcome.kind === 'ranges' ? outcome.ranges.map(range => [range.start, range.end]) : outcome.kind;
}

describe('parseRange() of 10,000 bytes (RFC 9110 §14.1.2)', () => {
  it.each([
    ['bytes=0-499', [[0, 500]]],
    ['bytes=500-999', [[500, 1000]]],
    ['bytes=0-0', [[0, 1]]],
    ['bytes=-500', [[9500, 10_000]]],
    ['bytes=9500-', [[9500, 10_000]]],
    ['bytes=9999-', [[9999, 10_000]]],
    ['bytes=0-', [[0, 10_000]]],
    ['bytes=-1', [[9999, 10_000]]],
    ['bytes=-20000', [[0, 10_000]]],
    ['bytes=9000-20000', [[9000, 10_000]]],
    [
      'bytes=0-0,-1',
      [
        [0, 1],
        [9999, 10_000],
      ],
    ],
    [
      'bytes= 0-999, 4500-5499 ,-1000',
      [
        [0, 1000],
        [4500, 5500],
        [9000, 10_000],
      ],
    ],
    [
      'bytes=,0-0,,1-1,',
      [
        [0, 1],
        [1, 2],
      ],
    ],
    [
      'bytes=9999-9999,0-0',
      [
        [9999, 10_000],
        [0, 1],
      ],
    ],
    ['Bytes=0-1', [[0, 2]]],
    ['bytes=0-1,10000-', [[0, 2]]],
    ['bytes=1-99999999999999999999999999', [[1, 10_000]]],
    [
      'bytes=0-5000,4000-6000',
      [
        [0, 5001],
        [4000, 6001],
      ],
    ],
  ])('%s names bytes', (text, expected) => {
    expect(pairs(text, 10_000)).toEqual(expected);
  });

  it.each([
    'bytes=10000-',
    'bytes=10000-10001',
    'bytes=-0',
    'bytes=-0,20000-',
    'bytes=99999999999999999999-',
  ])('%s is not satisfiable', text => {
    expect(pairs(text, 10_000)).toBe('unsatisfiable');
  });

  it.each([
    ['bytes=5-2', 'last before first'],
    ['bytes=0-1,5-2', 'one of two is broken'],
    ['bytes=', 'empty'],
    ['bytes=-', 'no number'],
    ['bytes=a-b', 'no numbers'],
    ['bytes=1', 'no dash'],
    ['bytes=1-2-3', 'two dashes'],
    ['bytes=+1-2', 'a sign'],
    ['bytes=0x0-0x1', 'hexadecimal'],
    ['bytes 0-1', 'no equals sign'],
    ['items=0-1', 'another unit'],
    ['0-1', 'no unit'],
    ['bytes=0-9999,0-9999', 'overlap beyond the size'],
    [`bytes=${Array.from({ length: RANGES_MAX + 1 }, (_, index) => `${index}-${index}`).join(',')}`, 'many'],
  ])('%s is ignored: %s', text => {
    expect(pairs(text, 10_000)).toBe('whole');
  });

  it('of an empty file is ignored', () => {
    expect(pairs('bytes=0-', 0)).toBe('whole');
    expect(pairs('bytes=-5', 0)).toBe('whole');
  });
});

describe('parseRange() properties', () => {
  it('takes no longer for spaces than for anything else', () => {
    const start = performance.now();
    expect(parseRange(`bytes=0-0${' '.repeat(200_000)}x`, 50)).toEqual({ kind: 'whole' });
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('never throws, and ranges are within the size, not empty, and no longer than it in all', () => {
    const specs = fc.string({ unit: fc.constantFrom(...Array.from('0123456789-, ')) });
    fc.assert(
      fc.property(specs, fc.nat(50), (spec, size) => {
        const outcome = parseRange(`bytes=${spec}`, size);
        if (outcome.kind !== 'ranges') return;
        for (const range of outcome.ranges) {
          expect(range.start).toBeGreaterThanOrEqual(0);
          expect(range.start).toBeLessThan(range.end);
          expect(range.end).toBeLessThanOrEqual(size);
        }
        expect(outcome.ranges.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThanOrEqual(
          size,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('gives back what a well-formed field says', () => {
    fc.assert(
      fc.property(fc.nat(999), fc.nat(999), (one, other) => {
        const [first, last] = one < other ? [one, other] : [other, one];
        expect(pairs(`bytes=${first}-${last}`, 1000)).toEqual([[first, last + 1]]);
      }),
    );
  });
});
