import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../../base/bytes.ts';
import { parseAddress } from '../ip/address.ts';
import { decodeEvent } from './events.ts';
import type { NetlinkMessage } from './message.ts';
import { decodeAttributes, decodeMessages, encodeAttributes, encodeMessage, NLMSG_ERROR } from './message.ts';
import { addAddressRequest, addRouteRequest, linkUpRequest } from './requests.ts';

const address = parseAddress('192.0.2.10')!;

function only(datagram: Uint8Array): NetlinkMessage {
  const message = decodeMessages(datagram).at(0);
  if (message === undefined) throw new Error('the datagram holds no message');
  return message;
}

describe('netlink messages', () => {
  it('come back as they went', () => {
    const message = { type: 20, flags: 5, sequence: 77, payload: Uint8Array.of(1, 2, 3, 4) };
    expect(decodeMessages(encodeMessage(message))).toEqual([message]);
  });
  it('carry attributes padded to four bytes', () => {
    const bytes = encodeAttributes([
      [3, Uint8Array.of(1)],
      [4, Uint8Array.of(9, 8, 7, 6, 5)],
    ]);
    expect(bytes.length).toBe(20);
    expect([...decodeAttributes(bytes)]).toEqual([
      [3, Uint8Array.of(1)],
      [4, Uint8Array.of(9, 8, 7, 6, 5)],
    ]);
  });
  it('of any bytes throw nothing', () => {
    const types = fc.constantFrom(2, 3, 16, 17, 20, 21, 68);
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 120 }), (type, payload) => {
        decodeEvent({ type, flags: 0, sequence: 0, payload });
        decodeMessages(payload);
      }),
    );
  });
});

describe('rtnetlink requests', () => {
  it('for an address are laid out as struct ifaddrmsg and its attributes', () => {
    const bytes = addAddressRequest({ index: 2, address, prefixLength: 24, validSeconds: 60 })(1);
    expect(decodeEvent(only(bytes))).toEqual({
      kind: 'address',
      index: 2,
      address,
      prefixLength: 24,
      removed: false,
      ready: true,
      duplicate: false,
    });
  });
  it('keep an address for ever only where no end is given', () => {
    const lifetime = (validSeconds?: number): number => {
      const request = {
        index: 2,
        address,
        prefixLength: 24,
        ...(validSeconds !== undefined && { validSeconds }),
      };
      // The last of the attributes is struct ifa_cacheinfo: preferred, valid, and two stamps.
      return viewOf(addAddressRequest(request)(1).slice(-16)).getUint32(4, true);
    };
    expect([lifetime(), lifetime(60.9), lifetime(0xfffffffe + 2)]).toEqual([0xffffffff, 60, 0xfffffffe]);
  });
  it('say that a gateway is on the link', () => {
    const route = {
      index: 2,
      prefixLength: 0,
      gateway: address,
      family: 'ipv4',
      metric: 1,
      origin: 'dhcp',
    } as const;
    const payload = only(addRouteRequest(route)(9)).payload;
    expect([...payload.subarray(0, 12)]).toEqual([2, 0, 0, 0, 254, 16, 0, 1, 4, 0, 0, 0]);
  });
  it('bring a link up', () => {
    const event = decodeEvent(only(linkUpRequest(3, 1400)(1)));
    expect(event).toMatchObject({ kind: 'link', index: 3, up: true });
  });
});

describe('decodeEvent()', () => {
  it('gives the errno of a refused request', () => {
    const payload = new Uint8Array(20);
    new DataView(payload.buffer).setInt32(0, -17, true);
    expect(decodeEvent({ type: NLMSG_ERROR, flags: 0, sequence: 5, payload })).toEqual({
      kind: 'answer',
      sequence: 5,
      errno: 17,
    });
  });
  it('finds the name servers of a router advertisement (RFC 8106 §5.1)', () => {
    const server = parseAddress('2001:db8::53')!;
    const payload = Uint8Array.from([
      ...[10, 0, 32, 0, 4, 0, 0, 0, 134, 0, 0, 0, 0, 0, 0, 0],
      ...[1, 1, 1, 2, 3, 4, 5, 6],
      ...[25, 3, 0, 0, 0, 0, 7, 8, ...server],
    ]);
    expect(decodeEvent({ type: 68, flags: 0, sequence: 0, payload })).toEqual({
      kind: 'name-servers',
      index: 4,
      servers: [server],
      lifetimeSeconds: 0x708,
    });
  });
});
