import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeClasslessRoutes, readLease } from './lease.ts';
import type { DhcpMessage } from './message.ts';
import { decodeDhcpMessage, encodeDhcpMessage, OPTION } from './message.ts';
import { decodePacket, encodeBroadcast } from './packet.ts';
import { clientIdentifier } from './requests.ts';

const address = (min: number, max = min) => fc.uint8Array({ minLength: min, maxLength: max });
const options = fc.dictionary(
  fc
    .integer({ min: 1, max: 254 })
    .filter(code => code !== OPTION.OVERLOAD)
    .map(String),
  address(0, 300),
);
const message: fc.Arbitrary<DhcpMessage> = fc.record({
  op: fc.constantFrom(1, 2),
  xid: fc.nat(0xffffffff),
  secs: fc.nat(0xffff),
  ciaddr: address(4),
  yiaddr: address(4),
  chaddr: address(6),
  options: options.map(each => new Map(Object.entries(each).map(([code, value]) => [Number(code), value]))),
});

describe('DHCP messages', () => {
  it('come back as they went, long options too (RFC 3396)', () => {
    fc.assert(
      fc.property(message, each => {
        expect(decodeDhcpMessage(encodeDhcpMessage(each))).toEqual({ ok: true, value: each });
      }),
    );
  });
  it('are at least 300 bytes long (RFC 1542 §2.1)', () => {
    const small = { op: 1, xid: 1, secs: 0, ciaddr: new Uint8Array(4), yiaddr: new Uint8Array(4) };
    expect(encodeDhcpMessage({ ...small, chaddr: new Uint8Array(6), options: new Map() }).length).toBe(300);
  });
  it('continue in file and sname where option 52 says so (RFC 2131 §4.1)', () => {
    const bytes = new Uint8Array(300);
    bytes.set([0x63, 0x82, 0x53, 0x63, 52, 1, 3, 255], 236);
    bytes.set([12, 2, 0x61, 0x62, 255], 108);
    bytes.set([15, 1, 0x63, 255], 44);
    const decoded = decodeDhcpMessage(bytes);
    expect(decoded.ok && [decoded.value.options.get(12), decoded.value.options.get(15)]).toEqual([
      Uint8Array.of(0x61, 0x62),
      Uint8Array.of(0x63),
    ]);
  });
  it('of any bytes throw nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400, size: 'max' }), tail => {
        const bytes = new Uint8Array(240 + tail.length);
        bytes.set([0x63, 0x82, 0x53, 0x63], 236);
        bytes.set(tail, 240);
        const decoded = decodeDhcpMessage(bytes);
        if (decoded.ok) readLease(decoded.value);
        decodeDhcpMessage(tail);
        decodePacket(tail);
        decodeClasslessRoutes(tail);
      }),
    );
  });
});

describe('clientIdentifier()', () => {
  it('is type 255, the interface and a DUID-LL (RFC 4361 §6.1)', () => {
    expect(clientIdentifier(2, Uint8Array.of(1, 2, 3, 4, 5, 6)).toHex()).toBe(
      'ff0000000200030001010203040506',
    );
  });
});

describe('decodeClasslessRoutes()', () => {
  it('reads the examples of RFC 3442', () => {
    const value = Uint8Array.of(0, 10, 0, 0, 1, 29, 10, 229, 0, 128, 10, 229, 0, 1, 8, 10, 0, 0, 0, 0);
    expect(decodeClasslessRoutes(value)).toEqual([
      { destination: Uint8Array.of(0, 0, 0, 0), prefixLength: 0, gateway: Uint8Array.of(10, 0, 0, 1) },
      {
        destination: Uint8Array.of(10, 229, 0, 128),
        prefixLength: 29,
        gateway: Uint8Array.of(10, 229, 0, 1),
      },
      { destination: Uint8Array.of(10, 0, 0, 0), prefixLength: 8 },
    ]);
  });
});

describe('readLease()', () => {
  const granted = (
    extra: readonly (readonly [number, Uint8Array])[],
    yiaddr = Uint8Array.of(192, 0, 2, 7),
  ): DhcpMessage => ({
    op: 2,
    xid: 1,
    secs: 0,
    ciaddr: new Uint8Array(4),
    yiaddr,
    chaddr: new Uint8Array(6),
    options: new Map([
      [OPTION.SERVER_IDENTIFIER, Uint8Array.of(192, 0, 2, 1)],
      [OPTION.LEASE_TIME, Uint8Array.of(0, 0, 0, 100)],
      ...extra,
    ]),
  });
  const lease = (extra: readonly (readonly [number, Uint8Array])[]) => {
    const result = readLease(granted(extra));
    return result.ok ? result.value : result.error;
  };
  it('prefers classless routes to the router option (RFC 3442)', () => {
    const router = [OPTION.ROUTER, Uint8Array.of(192, 0, 2, 1)] as const;
    expect(lease([router])).toMatchObject({ routes: [{ prefixLength: 0 }] });
    expect(lease([router, [OPTION.CLASSLESS_STATIC_ROUTE, Uint8Array.of(8, 10, 0, 0, 0, 0)]])).toMatchObject({
      routes: [{ prefixLength: 8 }],
    });
  });
  it.each([
    ['a mask with holes', [[OPTION.SUBNET_MASK, Uint8Array.of(255, 0, 255, 0)]]],
    ['a lease of two seconds', [[OPTION.LEASE_TIME, Uint8Array.of(0, 0, 0, 2)]]],
    ['no server', [[OPTION.SERVER_IDENTIFIER, new Uint8Array()]]],
  ] as const)('refuses %s', (_, extra) => {
    expect(lease(extra)).toMatchObject({ kind: 'unusable' });
  });
  it('refuses an address that no host may have', () => {
    expect(readLease(granted([], Uint8Array.of(224, 0, 0, 1))).ok).toBe(false);
    expect(readLease(granted([], new Uint8Array(4))).ok).toBe(false);
  });
  it('puts wrong timers in order (RFC 2131 §4.4.5)', () => {
    const t1 = [OPTION.RENEWAL_TIME, Uint8Array.of(0, 0, 1, 0)] as const;
    const t2 = [OPTION.REBINDING_TIME, Uint8Array.of(0, 0, 1, 1)] as const;
    expect(lease([t1, t2])).toMatchObject({ renewalSeconds: 50, rebindingSeconds: 87.5 });
  });
  it('takes no timer that would have it renew without pause', () => {
    const none = Uint8Array.of(0, 0, 0, 0);
    const timers = { renewalSeconds: 50, rebindingSeconds: 87.5 };
    expect(lease([[OPTION.RENEWAL_TIME, none]])).toMatchObject(timers);
    expect(lease([[OPTION.REBINDING_TIME, none]])).toMatchObject(timers);
  });
  it('takes no domain that would break resolv.conf and no packet size below IPv6', () => {
    const read = lease([
      [OPTION.DOMAIN_NAME, new TextEncoder().encode('a\nnameserver 1.2.3.4')],
      [OPTION.INTERFACE_MTU, Uint8Array.of(2, 64)],
    ]);
    expect(read).not.toHaveProperty('domain');
    expect(read).not.toHaveProperty('mtuBytes');
  });
});

describe('DHCP packets', () => {
  it('are broadcast from 0.0.0.0:68 to 255.255.255.255:67', () => {
    const packet = encodeBroadcast(Uint8Array.of(1, 2, 3));
    expect(packet.toHex()).toBe(
      '4500001f000000004011' +
        packet.subarray(10, 12).toHex() +
        '00000000ffffffff00440043000b' +
        packet.subarray(26, 28).toHex() +
        '010203',
    );
  });
  it('to the client are opened', () => {
    const packet = encodeBroadcast(Uint8Array.of(1, 2, 3));
    packet.set([0, 67, 0, 68], 20);
    expect(decodePacket(packet)).toEqual(Uint8Array.of(1, 2, 3));
    packet[6] = 0x20;
    expect(decodePacket(packet)).toBeUndefined();
  });
});
