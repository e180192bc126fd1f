import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHex } from '../../base/bytes.ts';
import { decodeTypeBitmap, encodeTypeBitmap } from './type-bitmap.ts';

describe('encodeTypeBitmap()', () => {
  it('writes the example of RFC 4034 §4.3', () => {
    // A MX RRSIG NSEC TYPE1234
    const bitmap = `0006400100000003041b${'00'.repeat(26)}20`;
    expect(encodeTypeBitmap([1234, 1, 15, 46, 47])).toEqual(parseHex(bitmap));
  });

  it('writes nothing for no types', () => {
    expect(encodeTypeBitmap([])).toEqual(new Uint8Array());
  });

  it('gives back every set of types', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 0xffff }), { maxLength: 40 }), types => {
        const ascending = types.toSorted((left, right) => left - right);
        expect(decodeTypeBitmap(encodeTypeBitmap(types))).toEqual(ascending);
      }),
    );
  });
});

describe('decodeTypeBitmap()', () => {
  it.each([
    ['a window without octets', '0000'],
    ['more than 32 octets', `0021${'01'.repeat(33)}`],
    ['octets that are missing', '000240'],
    ['a zero octet at the end', '00024000'],
    ['windows that do not ascend', '000140000140'],
  ])('refuses %s', (_, hex) => {
    expect(decodeTypeBitmap(parseHex(hex) as Uint8Array)).toBeUndefined();
  });

  it('never throws on bytes, and what it takes has one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        const types = decodeTypeBitmap(bytes);
        if (types !== undefined) expect(encodeTypeBitmap(types)).toEqual(Uint8Array.from(bytes));
      }),
    );
  });
});
