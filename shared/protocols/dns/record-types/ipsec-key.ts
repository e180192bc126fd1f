import { err, ok, type Result } from '../../../base/result.ts';
import { parseNameAt } from '../absolute-name.ts';
import { nameInWire, type Name } from '../name.ts';
import { formatAddress, IPV4_BYTES, IPV6_BYTES } from '../../ip/address.ts';
import { parseAddressOf } from './addresses.ts';
import { base64ToEnd } from './blobs.ts';
import { fixedEnd, MALFORMED, restEnd, type Field } from './field.ts';
import { formatWireName, nameEnd } from './names.ts';

/** How the gateway is written, by its type: RFC 4025 §2.3. */
interface GatewayForm {
  readonly form: string;
  readonly end: Field['end'];
  read(word: string, origin: Name): Uint8Array | undefined;
  show(bytes: Uint8Array): string;
}

const GATEWAYS: readonly GatewayForm[] = [
  // RFC 4025 §3.1: no gateway is written as a dot, and has no bytes.
  {
    form: '. for no gateway',
    end: fixedEnd(0),
    read: word => (word === '.' ? new Uint8Array() : undefined),
    show: () => '.',
  },
  addressForm('an IPv4 address', IPV4_BYTES),
  addressForm('an IPv6 address', IPV6_BYTES),
  { form: 'a domain name', end: nameEnd, read: readName, show: formatWireName },
];

/** The gateway of IPSECKEY, which follows the precedence, the gateway's type and the algorithm. */
export function ipsecGateway(name: string): Field {
  return {
    name,
    form: 'a gateway of its type, which is 0 to 3',
    end(data, offset) {
      return GATEWAYS[data[offset - 2] ?? MALFORMED]?.end(data, offset) ?? MALFORMED;
    },
    parse(tokens, before): Result<Uint8Array, string> {
      const gateway = GATEWAYS[before.at(-2)?.[0] ?? MALFORMED];
      if (gateway === undefined) return err('the gateway type before it is not 0, 1, 2 or 3');
      const word = tokens.takeWord(gateway.form);
      if (!word.ok) return word;
      const bytes = gateway.read(word.value, tokens.origin);
      return bytes === undefined ? err(`${JSON.stringify(word.value)} is not ${gateway.form}`) : ok(bytes);
    },
    format: (bytes, before) => GATEWAYS[before.at(-2) ?? MALFORMED]?.show(bytes) ?? '',
  };
}

/** The key behind it. RFC 4025 §2.4: only algorithm 0, the third byte of the data, means that there is none. */
export function ipsecKey(name: string): Field {
  return {
    ...base64ToEnd(name, { mayBeEmpty: true }),
    end: (data, offset) => (data[2] === 0 ? data.length : restEnd(data, offset)),
  };
}

function addressForm(form: string, bytes: number): GatewayForm {
  return { form, end: fixedEnd(bytes), read: word => parseAddressOf(bytes, word), show: formatAddress };
}

function readName(word: string, origin: Name): Uint8Array | undefined {
  const parsed = parseNameAt(word, origin);
  return parsed.ok ? nameInWire(parsed.value) : undefined;
}
