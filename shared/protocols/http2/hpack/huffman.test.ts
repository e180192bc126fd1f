import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODE_BITS, CODES, EOS } from './huffman-code.ts';
import { decodeHuffman, encodeHuffman, huffmanDecodedMax, huffmanLength } from './huffman.ts';

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(huffmanLength(text));
  expect(encodeHuffman(text, bytes, 0)).toBe(bytes.length);
  return bytes;
}

function decode(bytes: Uint8Array): string | undefined {
  const into = new Uint8Array(huffmanDecodedMax(bytes.length) + 1);
  const length = decodeHuffman(bytes, 0, bytes.length, into);
  return length < 0 ? undefined : String.fromCharCode(...into.subarray(0, length));
}

describe('the code', () => {
  it.each([
    [0, 0x1ff8, 13],
    [1, 0x7fffd8, 23],
    [10, 0x3ffffffc, 30],
    [0x20, 0x14, 6],
    [0x30, 0x0, 5],
    [0x5c, 0x7fff0, 19],
    [0x7f, 0xffffffc, 28],
    [0x80, 0xfffe6, 20],
    [0xc7, 0x1ffffec, 25],
    [0xf9, 0xffffffe, 28],
    [0xff, 0x3ffffee, 26],
    [EOS, 0x3fffffff, 30],
  ])('of %i is that of RFC 7541 Appendix B', (symbol, code, bits) => {
    expect([CODES[symbol], CODE_BITS[symbol]]).toEqual([code, bits]);
  });

  it('leaves no bits without a meaning', () => {
    expect(CODE_BITS.reduce((sum, bits) => sum + 2 ** -bits, 0)).toBe(1);
  });
});

it.each([
  ['www.example.com', 'f1e3c2e5f23a6ba0ab90f4ff'],
  ['no-cache', 'a8eb10649cbf'],
  ['custom-key', '25a849e95ba97d7f'],
  ['302', '6402'],
  ['gzip', '9bd9ab'],
])('%s is coded as in RFC 7541 Appendix C', (text, hex) => {
  expect(encode(text).toHex()).toBe(hex);
  expect(decode(Uint8Array.fromHex(hex))).toBe(text);
});

it('brings back every text of bytes', () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code)) });
  fc.assert(fc.property(text, value => decode(encode(value)) === value));
});

it('gives each coded text one form: whatever bytes are taken are those that it is written as', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), bytes => {
      const text = decode(bytes);
      if (text !== undefined) expect(encode(text)).toEqual(bytes);
    }),
  );
});
