import { parseAddress } from '../../protocols/ip/address.ts';
import { isPublicAddress } from '../../protocols/ip/public-address.ts';

/** Domains that no authority gives certificates for, each with all that is below it. */
const SPECIAL_DOMAINS: readonly string[] = [
  // RFC 6761 §6 and RFC 2606 §2, §3.
  'test',
  'localhost',
  'invalid',
  'example',
  'example.com',
  'example.net',
  'example.org',
  // RFC 6762 §3, RFC 8375 §4, RFC 7686 §1; ICANN reserved `internal` for private use in 2024.
  'local',
  'home.arpa',
  'onion',
  'internal',
  'arpa',
];

/** Whether a public authority may give a certificate for the name: an ordinary domain, or a public address. */
export function isPublicName(name: string): boolean {
  const address = parseAddress(name);
  if (address !== undefined) return isPublicAddress(address);
  const host = name.replace(/^\*\./, '');
  return (
    host.includes('.') && !SPECIAL_DOMAINS.some(domain => host === domain || host.endsWith(`.${domain}`))
  );
}
