/** The address that something listens at as the host of a URL for people (RFC 3986 §3.2.2); every address is this machine. */
export function urlHostOf(address: string): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost';
  return address.includes(':') ? `[${address}]` : address;
}
