import { assert } from '../../base/assert.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import { decodeSource, encodeSource } from '../../protocols/ip/source-address.ts';

export type Family = 'ipv4' | 'ipv6';

export const AF: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };

/**
 * struct sockaddr_in (ip(7)): family, port, address at 4, eight bytes of zeros; struct sockaddr_in6 (ipv6(7)): family, port,
 * flow information, address at 8, scope. The port is big-endian, the family as the processor has it. The same on both architectures.
 */
export const SOCKET_ADDRESS: Readonly<Record<Family, { readonly bytes: number; readonly address: number }>> =
  {
    ipv4: { bytes: 16, address: 4 },
    ipv6: { bytes: 28, address: 8 },
  };

export function encodeSocketAddress(endpoint: Endpoint, family: Family): Uint8Array {
  const source = new Uint8Array(18);
  encodeSource(endpoint, source);
  const { bytes, address } = SOCKET_ADDRESS[family];
  const encoded = new Uint8Array(bytes);
  encoded[0] = AF[family];
  encoded.set(source.subarray(16), 2);
  encoded.set(source.subarray(family === 'ipv4' ? 12 : 0, 16), address);
  return encoded;
}

export function decodeSocketAddress(encoded: Uint8Array, family: Family): Endpoint {
  assert(encoded[0] === AF[family], 'the kernel gives addresses of the family asked for');
  const { address } = SOCKET_ADDRESS[family];
  const source = new Uint8Array(18);
  if (family === 'ipv4') source.set([0xff, 0xff, ...encoded.subarray(address, address + 4)], 10);
  else source.set(encoded.subarray(address, address + 16));
  source.set(encoded.subarray(2, 4), 16);
  return decodeSource(source, 0);
}
