import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SOURCE_BYTES } from '../../devices/udp.ts';
import { decodeSource, encodeSource } from './source-address.ts';

describe('a source', () => {
  it('comes back from its bytes', () => {
    const host = fc.oneof(fc.ipV4(), fc.constantFrom('::1', '2001:db8::1', 'fe80::1:0:0:2'));
    fc.assert(
      fc.property(host, fc.integer({ min: 0, max: 0xffff }), (host, port) => {
        const bytes = new Uint8Array(SOURCE_BYTES + 3).fill(9);
        encodeSource({ host, port }, bytes.subarray(3).fill(0));
        expect(decodeSource(bytes, 3)).toEqual({ host, port });
      }),
    );
  });

  it('has an IPv4 address behind ::ffff: (RFC 4291 §2.5.5.2), and no zone', () => {
    const bytes = new Uint8Array(SOURCE_BYTES);
    encodeSource({ host: '192.0.2.1', port: 0x1234 }, bytes);
    expect(bytes.toHex()).toBe('00000000000000000000ffffc00002011234');
    encodeSource({ host: '::ffff:192.0.2.1', port: 53 }, bytes);
    expect(decodeSource(bytes, 0)).toEqual({ host: '192.0.2.1', port: 53 });
    encodeSource({ host: 'fe80::1%eth0', port: 53 }, bytes);
    expect(decodeSource(bytes, 0)).toEqual({ host: 'fe80::1', port: 53 });
  });
});
