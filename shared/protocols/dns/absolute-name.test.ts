import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAbsoluteName, parseNameAt } from './absolute-name.ts';
import { parseName, type Name } from './name.ts';
import { arbitraryName } from './record-types/testing/arbitrary-data.ts';

const parsedOrigin = parseName('example.test');
const origin: Name = parsedOrigin.ok ? parsedOrigin.value : [];

function absolute(text: string): string {
  const name = parseNameAt(text, origin);
  return name.ok ? formatAbsoluteName(name.value) : `refused: ${name.error}`;
}

describe('a name in a master file', () => {
  it('stands below the origin unless it ends with a dot (RFC 1035 §5.1)', () => {
    expect(absolute('@')).toBe('example.test.');
    expect(absolute('\\@')).toBe('\\064.example.test.');
    expect(absolute('www')).toBe('www.example.test.');
    expect(absolute('www.')).toBe('www.');
    expect(absolute('.')).toBe('.');
    expect(absolute('a\\.')).toBe('a\\..example.test.');
    expect(absolute('a\\\\.')).toBe('a\\\\.');
    expect(absolute('a\\046')).toBe('a\\..example.test.');
  });

  it('is refused where it is empty, malformed or too long below the origin', () => {
    const label = 'a'.repeat(63);
    expect(absolute('')).toMatch(/^refused: an empty name/);
    expect(absolute('a..b')).toBe('refused: an empty label');
    expect(absolute(`${label}.${label}.${label}.${'a'.repeat(61)}.`)).toMatch(/\.$/);
    expect(absolute(`${label}.${label}.${label}.${'a'.repeat(61)}`)).toMatch(
      /^refused: below example\.test\. the name is longer/,
    );
  });

  it('comes back from its absolute form under every origin, whatever bytes it has', () => {
    fc.assert(
      fc.property(arbitraryName, arbitraryName, (name, other) => {
        expect(parseNameAt(formatAbsoluteName(name), other)).toEqual({ ok: true, value: name });
      }),
    );
  });
});
