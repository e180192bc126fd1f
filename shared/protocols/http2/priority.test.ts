import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { DEFAULT_PRIORITY, parsePriority } from './priority.ts';

describe('parsePriority()', () => {
  it.each([
    ['', 3, false],
    ['u=0', 0, false],
    ['u=7, i', 7, true],
    ['i,u=5', 5, true],
    ['  u=2 ,\ti=?1 ', 2, true],
    ['i=?0', 3, false],
    ['u=1;x=2;y, i;z="a,b"', 1, true],
  ])('reads %j (RFC 9218 §4)', (value, urgency, incremental) => {
    expect(parsePriority(value)).toEqual({ urgency, incremental });
  });

  it.each(['u=8', 'u=-1', 'u=3.0', 'u="1"', 'u=a', 'u', 'u=(1 2)', 'u=1, u=9', 'i=1', 'foo, bar="u=1, i"'])(
    'ignores what is out of range or of another type in %j (RFC 9218 §4)',
    value => {
      expect(parsePriority(value)).toEqual(DEFAULT_PRIORITY);
    },
  );

  it('takes the last of two with the same key (RFC 8941 §3.2)', () => {
    expect(parsePriority('u=1, i, u=6, i=?0')).toEqual({ urgency: 6, incremental: false });
  });

  it.each(['u=1,', ',u=1', 'u=1 i', 'u=1, U=2', 'u=1, é', `u=1, x="${'y'.repeat(300)}"`])(
    'takes the default where %j is no dictionary (RFC 8941 §4.2.2)',
    value => {
      expect(parsePriority(value)).toEqual(DEFAULT_PRIORITY);
    },
  );

  it('never throws and stays in range', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ui=?01,; ()"\\:a*79')) }), value => {
        const { urgency } = parsePriority(value);
        expect(urgency).toBeGreaterThanOrEqual(0);
        expect(urgency).toBeLessThanOrEqual(7);
      }),
    );
  });
});
