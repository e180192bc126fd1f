import { assert } from '../../base/assert.ts';
import { formatAddress, IPV4_BYTES, IPV6_BYTES, parseAddress } from '../ip/address.ts';
import { isPublicAddress } from '../ip/public-address.ts';

export type Family = 'ipv4' | 'ipv6';
export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** Who can see the address of a line: the machine's own interfaces, a server outside that is asked, the router that reports it. */
export type Source = 'interface' | 'question' | 'update';

/** All addresses that a source sees, by family; none: the line has none of it; a family that is left out is not told of. */
export type Sight = { readonly [F in Family]?: readonly string[] };

/** Texts in canonical form (RFC 5952). */
export type Addresses = { readonly [F in Family]?: string | undefined };

/** An address and who saw it; undefined: nobody knows any more. */
export type Choice = {
  readonly [F in Family]?: { readonly address: string; readonly source: Source | undefined } | undefined;
};

/** Of an IPv6 address in a home: RFC 4291 §2.5.4. */
const HOST_BYTES = 8;

export function familyOf(address: Uint8Array): Family {
  return address.length === IPV4_BYTES ? 'ipv4' : 'ipv6';
}

/** The first half of `network` and the second half of `host`: a host behind a prefix that changes. */
export function withHost(network: Uint8Array, host: Uint8Array): Uint8Array {
  assert(network.length === IPV6_BYTES && host.length === IPV6_BYTES, 'both are IPv6 addresses');
  return Uint8Array.from([...network.subarray(0, HOST_BYTES), ...host.subarray(HOST_BYTES)]);
}

/** Those that can be reached from anywhere, by family, in canonical form; what is no address is left out. */
export function publicOf(texts: readonly string[]): Record<Family, readonly string[]> {
  const addresses = texts.flatMap(text => parseAddress(text) ?? []).filter(isPublicAddress);
  const ofFamily = (family: Family): string[] =>
    addresses.filter(address => familyOf(address) === family).map(formatAddress);
  return { ipv4: ofFamily('ipv4'), ipv6: ofFamily('ipv6') };
}
