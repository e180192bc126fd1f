import { isInPrefix, parsePrefix, type Prefix } from './address.ts';

// RFC 6890 and its registries: addresses that mean something else on every network, or nothing at all.
const SPECIAL: readonly Prefix[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
].flatMap(text => parsePrefix(text) ?? []);

// RFC 4291 §2.4: global unicast addresses are 2000::/3 at present; 2001:db8::/32 is for documents (RFC 3849).
const GLOBAL_UNICAST: Prefix | undefined = parsePrefix('2000::/3');
const DOCUMENTATION: Prefix | undefined = parsePrefix('2001:db8::/32');

/** Whether the address (4 or 16 bytes) can be reached from anywhere on the Internet, as far as its form tells. */
export function isPublicAddress(address: Uint8Array): boolean {
  if (address.length === 4) return !SPECIAL.some(prefix => isInPrefix(address, prefix));
  return (
    GLOBAL_UNICAST !== undefined &&
    isInPrefix(address, GLOBAL_UNICAST) &&
    !(DOCUMENTATION !== undefined && isInPrefix(address, DOCUMENTATION))
  );
}
