import { describe, expect, it } from 'vitest';
import { encodeAddress, isNumericAddress, normalizeAddress } from './addresses.ts';

describe('addresses', () => {
  it('have one spelling; IPv4-mapped addresses are the IPv4 ones', () => {
    expect(normalizeAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(normalizeAddress('::FFFF:c000:201')).toBe('192.0.2.1');
    expect(normalizeAddress('FD00:0:0::1')).toBe('fd00::1');
    expect(normalizeAddress('10.0.0.1')).toBe('10.0.0.1');
  });

  it('are 16 bytes for data planes', () => {
    expect(encodeAddress('192.0.2.1').toHex()).toBe('00000000000000000000ffffc0000201');
    expect(encodeAddress('fd00::1').toHex()).toBe('fd000000000000000000000000000001');
    expect(() => encodeAddress('fd00::x')).toThrow('not an address');
  });

  it('are told from names', () => {
    for (const name of ['localhost', 'a.example', '1.2.3.example'])
      expect(isNumericAddress(name)).toBe(false);
    for (const address of ['::', '10.0.0.1', 'fd00::1']) expect(isNumericAddress(address)).toBe(true);
  });
});
