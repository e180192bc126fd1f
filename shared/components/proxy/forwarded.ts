import type { ProxyRequest } from './exchange.ts';
import { VIA_HOPS_MAX } from './limits.ts';
import { listOf } from './fields.ts';

/** What a backend learns of where a request came from, name, value, … */
export function forwardedFields(request: ProxyRequest, pseudonym: string): string[] {
  const client = plainAddress(request.client);
  const scheme = request.secure ? 'https' : 'http';
  return [
    'forwarded',
    formatForwarded(client, request.authority, scheme),
    ...(client === undefined ? [] : ['x-forwarded-for', client, 'x-real-ip', client]),
    'x-forwarded-host',
    request.authority,
    'x-forwarded-proto',
    scheme,
    // RFC 9110 §7.6.3: a gateway to HTTP says so in every request that it passes on.
    'via',
    `${request.version} ${pseudonym}`,
  ];
}

/** RFC 7239 §4 and §6: an address with a colon in brackets, and what is no token in quotes. */
function formatForwarded(client: string | undefined, authority: string, scheme: string): string {
  const node = client === undefined ? 'unknown' : client.includes(':') ? `[${client}]` : client;
  return `for=${quoteIfNeeded(node)};host=${quoteIfNeeded(authority)};proto=${scheme}`;
}

function quoteIfNeeded(value: string): string {
  // RFC 9110 §5.6.2: token.
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** An IPv4 address without its clothes of IPv6, and no zone (RFC 4007): what backends compare with. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
}

/** Whether a request has come through here too often to be anything but a circle (RFC 5842 §7.2). */
export function isLoop(fields: readonly string[], pseudonym: string): boolean {
  const hops = listOf(fields, 'via').filter(hop => hop.split(/\s+/)[1] === pseudonym);
  return hops.length >= VIA_HOPS_MAX;
}
