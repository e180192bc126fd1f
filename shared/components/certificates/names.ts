import { createHash } from 'node:crypto';
import { parseAddress } from '../../protocols/ip/address.ts';

/** Sixteen hexadecimal digits that stand for a set of names, whatever their order. */
export function nameSetId(names: readonly string[]): string {
  return createHash('sha256').update(names.toSorted().join(' ')).digest('hex').slice(0, 16);
}

/** Whether a certificate that lists `names` is good for `serverName`. */
export function coversName(names: readonly string[], serverName: string): boolean {
  return names.some(name => name === serverName || (name.startsWith('*.') && isBelow(serverName, name)));
}

// RFC 6125 §6.4.3: the asterisk stands for exactly one label, the left-most.
function isBelow(serverName: string, wildcard: string): boolean {
  const dot = serverName.indexOf('.');
  return dot > 0 && serverName.slice(dot) === wildcard.slice(1);
}

/** Whether the name is a numeric address: an `ip` identifier (RFC 8738 §3), not a DNS name. */
export function isAddress(name: string): boolean {
  return parseAddress(name) !== undefined;
}
