import { assert } from '../base/assert.ts';
import { viewOf } from '../base/bytes.ts';

/** Length of an address in the form that data planes get: IPv4 as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2). */
export const ADDRESS_BYTES = 16;

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

/** One spelling for every address: lower case, RFC 5952's shortest form, IPv4-mapped ones as plain IPv4. */
export function normalizeAddress(host: string): string {
  if (!host.includes(':')) return host;
  return formatAddress(encodeAddress(host));
}

/** The 16 bytes of a numeric address. */
export function encodeAddress(host: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  const view = viewOf(bytes);
  if (isIpv4(host)) {
    bytes.set([0xff, 0xff], 10);
    bytes.set(host.split('.').map(Number), 12);
    return bytes;
  }
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host);
  const text =
    dotted === null ? host : `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`;
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  assert(
    before.length + after.length <= 8 && (tail !== undefined || before.length === 8),
    `not an address: ${host}`,
  );
  before.forEach((group, index) => view.setUint16(index * 2, group));
  after.forEach((group, index) => view.setUint16((8 - after.length + index) * 2, group));
  return bytes;
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
export function formatAddress(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff)
    return bytes.slice(12).join('.');
  const text = groups.map(group => group.toString(16)).join(':');
  const runs = text.match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.toSorted((left, right) => right.length - left.length)[0];
  return longest === undefined ? text : text.replace(longest, '::').replace(/:{3,}/, '::');
}

function pair(high: string | undefined, low: string | undefined): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}
