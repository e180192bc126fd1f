/** IP addresses as bytes (4 or 16, network order) and as text (RFC 4291 §2.2 in, RFC 5952 out). */
import { viewOf } from '../../base/bytes.ts';

export const IPV4_BYTES = 4;
export const IPV6_BYTES = 16;

/** An address and how many of its leading bits name the network. */
export interface Prefix {
  readonly address: Uint8Array;
  readonly length: number;
}

/** The bytes of an IPv4 or IPv6 address, or undefined where the text is neither. Scopes (`%eth0`) are not taken. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

export function formatAddress(address: Uint8Array): string {
  return address.length === IPV4_BYTES ? address.join('.') : formatIpv6(address);
}

/** `192.0.2.1/24` or `2001:db8::1/64`; undefined for anything else. */
export function parsePrefix(text: string): Prefix | undefined {
  const match = /^([0-9a-fA-F.:]+)\/([0-9]{1,3})$/.exec(text);
  const address = match?.[1] === undefined ? undefined : parseAddress(match[1]);
  const length = Number(match?.[2]);
  if (address === undefined || length > address.length * 8) return undefined;
  return { address, length };
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}

/** The number of leading ones of an IPv4 mask, or undefined where ones follow a zero. */
export function prefixLengthOfMask(mask: Uint8Array): number | undefined {
  if (mask.length !== IPV4_BYTES) return undefined;
  const bits = viewOf(mask).getUint32(0);
  const length = Math.clz32(~bits);
  return bits === maskBits(length) ? length : undefined;
}

/** Whether `address` lies in the network of `prefix`; false for the other family. */
export function isInPrefix(address: Uint8Array, prefix: Prefix): boolean {
  if (address.length !== prefix.address.length) return false;
  for (let bit = 0; bit < prefix.length; bit += 8) {
    const mask = 0xff00 >> Math.min(8, prefix.length - bit);
    const difference = (address[bit >> 3] ?? 0) ^ (prefix.address[bit >> 3] ?? 0);
    if ((difference & mask & 0xff) !== 0) return false;
  }
  return true;
}

function maskBits(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(IPV4_BYTES);
  let at = 0;
  for (let part = 0; part < IPV4_BYTES; part++) {
    if (part > 0 && text.charCodeAt(at++) !== DOT) return undefined;
    const start = at;
    let value = 0;
    for (; at - start < 3 && isDigit(text.charCodeAt(at)); at++)
      value = value * 10 + text.charCodeAt(at) - ZERO;
    // A leading zero reads as octal to some and as decimal to others, so it is refused.
    const hasLeadingZero = at - start > 1 && text.charCodeAt(start) === ZERO;
    if (at === start || hasLeadingZero || value > 255) return undefined;
    bytes[part] = value;
  }
  return at === text.length ? bytes : undefined;
}

const DOT = 0x2e;
const ZERO = 0x30;

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = parseGroups(halves[1] ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = IPV6_BYTES - head.length - tail.length;
  // RFC 4291 §2.2: "::" stands for one or more groups of zeros.
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return Uint8Array.from([...head, ...Array<number>(missing).fill(0), ...tail]);
}

function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (isEnd && index === groups.length - 1 && group.includes('.')) {
      const last = parseIpv4(group);
      if (last === undefined) return undefined;
      bytes.push(...last);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes.length > IPV6_BYTES ? undefined : bytes;
}

function formatIpv6(address: Uint8Array): string {
  const view = viewOf(address);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  const run = longestZeroRun(groups);
  const hex = groups.map(group => group.toString(16));
  // RFC 5952 §4.2.2: one 16-bit group of zeros alone is not shortened.
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

/** RFC 5952 §4.2.3: the longest run of zero groups, the first of several equally long ones. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index < groups.length; index++) {
    if (groups[index] !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
