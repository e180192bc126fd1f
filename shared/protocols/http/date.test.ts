import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHttpDate, parseHttpDate } from './date.ts';

const NOW = Date.UTC(2026, 10, 23);
const RFC_EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('HTTP dates (RFC 9110 §5.6.7)', () => {
  it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    'parseHttpDate() takes %s',
    text => {
      expect(parseHttpDate(text, NOW)).toBe(RFC_EXAMPLE);
    },
  );

  it('formatHttpDate() writes IMF-fixdate', () => {
    expect(formatHttpDate(RFC_EXAMPLE)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  });

  it.each([
    ['', 'nothing'],
    ['Sun, 06 Nov 1994 08:49:37', 'no zone'],
    ['Sun, 06 Nov 1994 08:49:37 CET', 'another zone'],
    ['Sun, 31 Feb 1994 08:49:37 GMT', 'no such day'],
    ['Sun, 06 Nov 1994 24:00:00 GMT', 'no such hour'],
    ['sun, 06 nov 1994 08:49:37 gmt', 'other case'],
    ['1994-11-06T08:49:37Z', 'another format'],
  ])('parseHttpDate() refuses %j: %s', text => {
    expect(parseHttpDate(text, NOW)).toBeUndefined();
  });

  it('parseHttpDate() reads two-digit years at most 50 years ahead', () => {
    expect(parseHttpDate('Sunday, 06-Nov-76 08:49:37 GMT', NOW)).toBe(Date.UTC(2076, 10, 6, 8, 49, 37));
    expect(parseHttpDate('Sunday, 06-Nov-77 08:49:37 GMT', NOW)).toBe(Date.UTC(1977, 10, 6, 8, 49, 37));
  });

  it('agrees with the language on every second of the calendar', () => {
    const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
    fc.assert(
      fc.property(seconds, second => {
        const text = formatHttpDate(second * 1000);
        expect(text).toBe(new Date(second * 1000).toUTCString());
        expect(parseHttpDate(text, NOW)).toBe(second * 1000);
      }),
    );
  });

  it('parseHttpDate() never throws', () => {
    fc.assert(fc.property(fc.string(), text => void parseHttpDate(text, NOW)));
  });
});
