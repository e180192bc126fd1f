import { formatAddress, IPV4_BYTES, parseAddress } from '../ip/address.ts';

/** What a certificate is to stand for (RFC 8555 §9.7.7; RFC 8738 §3 for addresses). */
export interface Identifier {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

export function identifierOf(name: string): Identifier {
  const address = parseAddress(name);
  // RFC 8738 §3: an IPv6 address is written as RFC 5952 says.
  return address === undefined ? { type: 'dns', value: name } : { type: 'ip', value: formatAddress(address) };
}

/** Whether both list the same identifiers, in whatever order: an authority may sort them. */
export function sameIdentifiers(left: readonly Identifier[], right: readonly Identifier[]): boolean {
  const textOf = (identifiers: readonly Identifier[]): string =>
    identifiers
      .map(({ type, value }) => `${type}:${value.toLowerCase()}`)
      .toSorted()
      .join(' ');
  return textOf(left) === textOf(right);
}

/** The server name that the authority sends when it validates by tls-alpn-01. */
export function validationServerName({ type, value }: Identifier): string {
  const address = type === 'ip' ? parseAddress(value) : undefined;
  // RFC 8738 §6: SNI takes no addresses, so the name of the reverse mapping stands for it.
  return address === undefined ? value : reverseName(address);
}

function reverseName(address: Uint8Array): string {
  if (address.length === IPV4_BYTES) return `${[...address].toReversed().join('.')}.in-addr.arpa`;
  const nibbles = [...address].flatMap(byte => [byte >> 4, byte & 15]);
  return `${nibbles
    .toReversed()
    .map(nibble => nibble.toString(16))
    .join('.')}.ip6.arpa`;
}
