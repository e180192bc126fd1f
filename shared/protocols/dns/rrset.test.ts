import { describe, expect, it } from 'vitest';
import { parseHex } from '../../base/bytes.ts';
import { TYPE } from './message.ts';
import { formatName, parseName, type Name } from './name.ts';
import { compareCanonical, compareData } from './rrset.ts';

function named(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('canonical order', () => {
  it('sorts names as in the example of RFC 4034 §6.1', () => {
    const sorted = [
      'example',
      'a.example',
      'yljkjljk.a.example',
      'Z.a.example',
      'zABC.a.EXAMPLE',
      'z.example',
      '\\001.z.example',
      '*.z.example',
      '\\200.z.example',
    ];
    const names = [...sorted].reverse().map(named);
    expect(names.sort(compareCanonical).map(formatName)).toEqual(sorted);
    expect(compareCanonical(named('A.example'), named('a.EXAMPLE'))).toBe(0);
  });

  it('sorts data by its canonical form: names of the listed types in lower case (RFC 4034 §6.2)', () => {
    const mx = (text: string): Uint8Array => parseHex(`000a${text}00`)!;
    expect(compareData(TYPE.MX, mx('0141'), mx('0161'))).toBe(0);
    expect(compareData(TYPE.MX, mx('0141'), mx('0162'))).toBeLessThan(0);
    expect(compareData(TYPE.TXT, Uint8Array.of(1, 0x41), Uint8Array.of(1, 0x61))).toBeLessThan(0);
    expect(compareData(TYPE.A, Uint8Array.of(9), Uint8Array.of(9, 0))).toBeLessThan(0);
  });
});
