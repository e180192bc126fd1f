import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectRepresentation } from './accept-encoding.ts';
import type { Coding, Representation } from './site.ts';

/** As indexContent() orders them: the smallest first. */
function representations(...codings: Coding[]): Representation[] {
  return codings.map(coding => ({
    coding,
    bytes: new Uint8Array(),
    entityTag: `"${coding}"`,
    fields: [],
    notModifiedFields: [],
  }));
}
const ALL = representations('br', 'zstd', 'gzip', 'identity');
const chosen = (field: string | undefined, among = ALL): string =>
  selectRepresentation(among, field)?.coding ?? 'none';

describe('selectRepresentation() (RFC 9110 §12.5.3)', () => {
  it.each<[string | undefined, string]>([
    // Nothing said, or nothing that we have.
    [undefined, 'identity'],
    ['', 'identity'],
    [' ', 'identity'],
    ['deflate', 'identity'],
    ['compress, deflate', 'identity'],
    // What browsers and tools send.
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate', 'gzip'],
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['zstd', 'zstd'],
    ['deflate, gzip, br, zstd', 'br'],
    ['gzip;q=1.0, deflate;q=0.6, identity;q=0.3', 'gzip'],
    ['gzip,deflate', 'gzip'],
    ['br;q=1.0, gzip;q=0.8, *;q=0.1', 'br'],
    // Names do not care about case (§8.4.1), and x-gzip is gzip (§8.4.1.3).
    ['GZIP', 'gzip'],
    ['Br', 'br'],
    ['x-gzip', 'gzip'],
    ['X-GZIP;Q=0.5', 'gzip'],
    // Spaces and empty elements (§5.6.1, §5.6.3).
    [' gzip ', 'gzip'],
    ['\tgzip\t', 'gzip'],
    ['gzip ; q=0.5', 'gzip'],
    ['gzip;\tq=0.5', 'gzip'],
    [',gzip,', 'gzip'],
    [',,', 'identity'],
    // Weights decide, and our order only where they are equal.
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['gzip;q=0.501, br;q=0.5', 'gzip'],
    ['gzip;q=0.5, br;q=0.5', 'br'],
    ['gzip;q=0.001, br;q=0', 'gzip'],
    ['zstd;q=0.9, br;q=0.8, gzip;q=0.7', 'zstd'],
    ['gzip;q=1.000', 'gzip'],
    ['gzip;q=0.', 'identity'],
    ['gzip;q=1.', 'gzip'],
    // q=0 refuses.
    ['gzip;q=0', 'identity'],
    ['gzip;q=0.0', 'identity'],
    ['gzip;q=0.000', 'identity'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, gzip;q=0, zstd;q=0', 'identity'],
    ['br;q=0, *', 'zstd'],
    // identity: the last choice where it is not mentioned, else by its weight.
    ['identity', 'identity'],
    ['identity, gzip', 'gzip'],
    ['identity;q=1, gzip;q=0.5', 'identity'],
    ['identity;q=0.5, gzip;q=1', 'gzip'],
    ['identity;q=0.001, gzip;q=0.002', 'gzip'],
    ['identity;q=0, gzip', 'gzip'],
    ['identity;q=0, br, gzip', 'br'],
    ['identity;q=0, *', 'br'],
    ['identity;q=0, deflate', 'identity'],
    ['identity;q=0', 'identity'],
    // The star stands for everything that is not mentioned.
    ['*', 'br'],
    ['*;q=0.5', 'br'],
    ['*;q=0', 'identity'],
    ['*;q=0, gzip', 'gzip'],
    ['gzip, *;q=0', 'gzip'],
    ['gzip;q=0.5, *', 'br'],
    ['gzip, *;q=0.5', 'gzip'],
    ['*;q=0.5, br;q=0', 'zstd'],
    ['identity, *;q=0.5', 'identity'],
    ['identity, *;q=0', 'identity'],
    // An element that breaks the grammar names nothing; the others count.
    ['gzip;q=2', 'identity'],
    ['gzip;q=-1', 'identity'],
    ['gzip;q=1.001', 'identity'],
    ['gzip;q=0.1234', 'identity'],
    ['gzip;q=.5', 'identity'],
    ['gzip;q=', 'identity'],
    ['gzip;q', 'identity'],
    ['gzip;level=9', 'identity'],
    ['gzip br', 'identity'],
    ['gzip;q=x, br', 'br'],
    ['"gzip"', 'identity'],
    ['gzip/br', 'identity'],
    // The last of two counts.
    ['gzip;q=0, gzip', 'gzip'],
    // Not names of objects either.
    ['__proto__', 'identity'],
    ['constructor, toString', 'identity'],
  ])('%j chooses %s', (field, expected) => {
    expect(chosen(field)).toBe(expected);
  });

  it('takes the smallest among equals, whatever it is', () => {
    expect(chosen('gzip, br', representations('gzip', 'br', 'identity'))).toBe('gzip');
    expect(chosen('*', representations('identity', 'gzip'))).toBe('identity');
  });

  it('sends what is not coded rather than 406, and nothing only where there is no such thing', () => {
    expect(chosen('identity;q=0', representations('identity'))).toBe('identity');
    expect(chosen('*;q=0', representations('identity'))).toBe('identity');
    expect(chosen('gzip', representations('br'))).toBe('none');
    expect(chosen(undefined, representations('br'))).toBe('none');
    expect(chosen('br', representations('br'))).toBe('br');
  });

  it('never throws, and never chooses what was refused while there is another', () => {
    const weight = fc.constantFrom('', ';q=0', ';q=0.5', ';q=1', ';q=0.001', ';q=x');
    const name = fc.constantFrom('br', 'gzip', 'zstd', 'identity', '*', 'deflate', '', 'é');
    const field = fc.array(fc.tuple(name, weight).map(parts => parts.join(''))).map(all => all.join(', '));
    fc.assert(
      fc.property(fc.oneof(field, fc.string()), text => {
        const coding = chosen(text);
        if (coding !== 'identity') expect(text.toLowerCase()).toMatch(new RegExp(`${coding}|\\*`));
        if (/^br;q=0(,|$)/.test(text) && !text.slice(6).includes('br')) expect(coding).not.toBe('br');
      }),
    );
  });

  it('takes no longer for spaces than for anything else', () => {
    const start = performance.now();
    chosen(`gzip${' '.repeat(16_000)}x`);
    chosen(`${' \t'.repeat(8_000)};q=1`);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
