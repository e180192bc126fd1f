import { isIPv4 } from 'node:net';
import { formatIpv6 } from '../protocols/dns/record-data.ts';
import type { Endpoint } from '../devices/tcp.ts';

/** Where the four bytes of an IPv4 address stand among the sixteen. */
const FOUR_OFFSET = 12;

/** The form of `PacketBatch.sources`: 16 bytes of address (IPv4 as ::ffff:a.b.c.d, RFC 4291 §2.5.5.2), then the port. */
export function encodeSource({ host, port }: Endpoint, into: Uint8Array): void {
  into.fill(0);
  if (isIPv4(host)) writeFour(host, into);
  else writeSix(host.replace(/%.*/, ''), into);
  into[16] = port >> 8;
  into[17] = port & 0xff;
}

/** The endpoint at `offset` of `sources`; a mapped IPv4 address in its own form. */
export function decodeSource(sources: Uint8Array, offset: number): Endpoint {
  const address = sources.subarray(offset, offset + 16);
  const port = ((sources[offset + 16] ?? 0) << 8) | (sources[offset + 17] ?? 0);
  const mapped =
    address.subarray(0, 10).every(byte => byte === 0) && address[10] === 0xff && address[11] === 0xff;
  return { host: mapped ? address.subarray(FOUR_OFFSET).join('.') : formatIpv6(address), port };
}

function writeFour(address: string, into: Uint8Array): void {
  into[10] = 0xff;
  into[11] = 0xff;
  address.split('.').forEach((part, index) => (into[FOUR_OFFSET + index] = Number(part)));
}

/** `address` is a valid IPv6 address (RFC 4291 §2.2) without a zone. */
function writeSix(address: string, into: Uint8Array): void {
  const [head = '', tail] = address.split('::', 2);
  const front = groupsOf(head);
  const back = groupsOf(tail ?? '');
  front.forEach((group, index) => writeGroup(group, into, index * 2));
  back.forEach((group, index) => writeGroup(group, into, 16 - (back.length - index) * 2));
}

/** Groups of 16 bits; a dotted IPv4 tail gives two of them. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap(group => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

function writeGroup(group: number, into: Uint8Array, offset: number): void {
  into[offset] = group >> 8;
  into[offset + 1] = group & 0xff;
}
