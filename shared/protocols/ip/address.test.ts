import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  formatPrefix,
  isInPrefix,
  parseAddress,
  parsePrefix,
  prefixLengthOfMask,
} from './address.ts';
import { internetChecksum } from './checksum.ts';

const bytes = (text: string) => parseAddress(text) ?? new Uint8Array();

describe('formatAddress()', () => {
  it.each([
    ['2001:0DB8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['::', '::'],
    ['fe80::', 'fe80::'],
    ['192.0.2.255', '192.0.2.255'],
  ])('writes %s as %s (RFC 5952 §4)', (input, output) => {
    expect(formatAddress(bytes(input))).toBe(output);
  });

  it('is undone by parseAddress()', () => {
    const address = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(address, each => {
        expect(bytes(formatAddress(each))).toEqual(each);
      }),
    );
  });
});

describe('parseAddress()', () => {
  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '12345::',
    ':::',
    '::1.2.3',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:8::',
  ])('refuses "%s"', text => {
    expect(parseAddress(text)).toBeUndefined();
  });
  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef:.%/')) }),
        text => void parseAddress(text),
      ),
    );
  });
});

describe('prefixes', () => {
  it('are read and written', () => {
    const prefix = parsePrefix('192.0.2.77/26');
    expect(prefix && formatPrefix(prefix)).toBe('192.0.2.77/26');
    expect(parsePrefix('192.0.2.1/33')).toBeUndefined();
    expect(parsePrefix('192.0.2.1')).toBeUndefined();
  });
  it('hold the addresses that share their leading bits', () => {
    const prefix = parsePrefix('192.0.2.64/26')!;
    expect(isInPrefix(bytes('192.0.2.127'), prefix)).toBe(true);
    expect(isInPrefix(bytes('192.0.2.128'), prefix)).toBe(false);
    expect(isInPrefix(bytes('::1'), prefix)).toBe(false);
    expect(isInPrefix(bytes('8.8.8.8'), { address: bytes('0.0.0.0'), length: 0 })).toBe(true);
  });
  it('have a length that the mask gives', () => {
    expect(prefixLengthOfMask(bytes('255.255.255.0'))).toBe(24);
    expect(prefixLengthOfMask(bytes('255.255.255.255'))).toBe(32);
    expect(prefixLengthOfMask(bytes('0.0.0.0'))).toBe(0);
    expect(prefixLengthOfMask(bytes('255.0.255.0'))).toBeUndefined();
  });
});

describe('internetChecksum()', () => {
  it('gives the example of RFC 1071 §3', () => {
    expect(internetChecksum([Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)])).toBe(
      ~0xddf2 & 0xffff,
    );
  });
});
