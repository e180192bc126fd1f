import { assert } from '../../base/assert.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import { SOURCE_BYTES } from '../../devices/udp.ts';
import { formatAddress, IPV4_BYTES, IPV6_BYTES, parseAddress } from './address.ts';

/** Where an IPv4 address stands among the sixteen bytes, and what stands before it (RFC 4291 §2.5.5.2: ::ffff:a.b.c.d). */
const IPV4_OFFSET: number = IPV6_BYTES - IPV4_BYTES;
const MAPPED_PREFIX: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** The form of `PacketBatch.sources`: 16 bytes of address, then the port, big-endian. A zone (`%eth0`) is left out. */
export function encodeSource({ host, port }: Endpoint, into: Uint8Array): void {
  const address = parseAddress(host.replace(/%.*/, ''));
  assert(address !== undefined, `${host} is no numeric address`);
  if (address.length === IPV4_BYTES) into.set(MAPPED_PREFIX);
  into.set(address, IPV6_BYTES - address.length);
  into[IPV6_BYTES] = port >> 8;
  into[IPV6_BYTES + 1] = port & 0xff;
}

/** The endpoint at `offset` of `sources`; a mapped IPv4 address in its own form. */
export function decodeSource(sources: Uint8Array, offset: number): Endpoint {
  const source = sources.subarray(offset, offset + SOURCE_BYTES);
  const mapped = MAPPED_PREFIX.every((byte, index) => source[index] === byte);
  const host = formatAddress(source.subarray(mapped ? IPV4_OFFSET : 0, IPV6_BYTES));
  return { host, port: ((source[IPV6_BYTES] ?? 0) << 8) | (source[IPV6_BYTES + 1] ?? 0) };
}
