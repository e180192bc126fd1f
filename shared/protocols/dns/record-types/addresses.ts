import { formatAddress, IPV4_BYTES, IPV6_BYTES, parseAddress } from '../../ip/address.ts';
import { fixedEnd, wordField, type Field } from './field.ts';

export function ipv4(name: string): Field {
  return address(name, IPV4_BYTES, 'an IPv4 address such as 192.0.2.1');
}

export function ipv6(name: string): Field {
  return address(name, IPV6_BYTES, 'an IPv6 address such as 2001:db8::1');
}

function address(name: string, bytes: number, form: string): Field {
  return wordField(name, {
    form,
    end: fixedEnd(bytes),
    read: word => parseAddressOf(bytes, word),
    show: formatAddress,
  });
}

/** undefined also for an address of the other family. */
export function parseAddressOf(bytes: number, text: string): Uint8Array | undefined {
  const parsed = parseAddress(text);
  return parsed?.length === bytes ? parsed : undefined;
}
