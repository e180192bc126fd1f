import { assert } from '../base/assert.ts';
import { formatAddress, IPV4_BYTES, IPV6_BYTES, parseAddress } from '../protocols/ip/address.ts';

/** RFC 4291 §2.5.5.2: ten zero bytes, two of ones, then the IPv4 address. */
const MAPPED_PREFIX: Uint8Array = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** Whether the text is a numeric address rather than a name. */
export function isNumericAddress(host: string): boolean {
  return host.includes(':') || isIpv4(host);
}

export function isIpv4(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

export function isLoopback(host: string): boolean {
  return host === '::1' || (isIpv4(host) && host.startsWith('127.'));
}

/** One spelling for every address: RFC 5952's, and IPv4-mapped ones as plain IPv4. */
export function normalizeAddress(host: string): string {
  if (!host.includes(':')) return host;
  const bytes = encodeAddress(host);
  const isMapped = MAPPED_PREFIX.every((byte, index) => bytes[index] === byte);
  return formatAddress(isMapped ? bytes.subarray(MAPPED_PREFIX.length) : bytes);
}

/** A numeric address in the 16 bytes that data planes get, IPv4 as IPv4-mapped. */
export function encodeAddress(host: string): Uint8Array {
  const address = parseAddress(host);
  assert(address !== undefined, `not an address: ${host}`);
  if (address.length !== IPV4_BYTES) return address;
  const mapped = new Uint8Array(IPV6_BYTES);
  mapped.set(MAPPED_PREFIX);
  mapped.set(address, MAPPED_PREFIX.length);
  return mapped;
}
