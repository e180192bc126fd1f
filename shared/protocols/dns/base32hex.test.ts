import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../base/bytes.ts';
import { formatBase32hex, parseBase32hex } from './base32hex.ts';

describe('base32hex', () => {
  it('is that of RFC 4648 §10 without padding', () => {
    const vectors = {
      '': '',
      f: 'CO',
      fo: 'CPNG',
      foo: 'CPNMU',
      foob: 'CPNMUOG',
      fooba: 'CPNMUOJ1',
      foobar: 'CPNMUOJ1E8',
    };
    for (const [text, encoded] of Object.entries(vectors)) {
      expect(formatBase32hex(encodeUtf8(text))).toBe(encoded);
      expect(parseBase32hex(encoded.toLowerCase())).toEqual(encodeUtf8(text));
    }
  });

  it('comes back, and nothing else is read', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(parseBase32hex(formatBase32hex(bytes))).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-V]{0,12}$/), text => {
        const bytes = parseBase32hex(text);
        if (bytes !== undefined) expect(formatBase32hex(bytes)).toBe(text);
      }),
    );
    for (const text of ['C', 'CP1', 'CW', 'CO======', 'ß0', 'C O'])
      expect(parseBase32hex(text)).toBeUndefined();
  });
});
