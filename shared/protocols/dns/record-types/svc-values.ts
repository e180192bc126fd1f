import { concatBytes, decodeUtf8, encodeUtf8, viewOf } from '../../../base/bytes.ts';
import { formatAddress, IPV4_BYTES, IPV6_BYTES } from '../../ip/address.ts';
import { parseAddressOf } from './addresses.ts';
import { parseBase64 } from './blobs.ts';

/** One service parameter's value. `read` and `show` have text whose master file escapes are taken off or not yet put on. */
export interface SvcValue {
  /** What a right one looks like, for messages. */
  readonly form: string;
  /** undefined where the text is not of the form. */
  readonly read: (text: Uint8Array) => Uint8Array | undefined;
  readonly show: (value: Uint8Array) => Uint8Array;
  /** Whether the wire form is right. */
  readonly check: (value: Uint8Array) => boolean;
}

/** RFC 9460 §14.3.2. */
export const SVC_KEY = { MANDATORY: 0, ALPN: 1, NO_DEFAULT_ALPN: 2 } as const;

const KEYS: Readonly<Record<string, number>> = {
  mandatory: SVC_KEY.MANDATORY,
  alpn: SVC_KEY.ALPN,
  'no-default-alpn': SVC_KEY.NO_DEFAULT_ALPN,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
  // RFC 9461 §5.
  dohpath: 7,
  // RFC 9540 §4.
  ohttp: 8,
};
const KEY_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(KEYS).map(([name, key]) => [key, name]),
);
/** Up to `ipv6hint`, those of RFC 9460 itself. Later names are not known to every reader, to Debian's Knot for one; `key7` is. */
const WRITTEN_BY_NAME_MAX = 6;

/** RFC 9460 §14.3.1: 65535 is no key. */
export const SVC_KEY_MAX = 0xfffe;

/** The number of a key by its name or `keyNNNNN` without leading zeros: RFC 9460 §2.1. */
export function svcKeyNumber(name: string): number | undefined {
  const digits = /^key(0|[1-9][0-9]{0,4})$/.exec(name)?.[1];
  if (digits === undefined) return KEYS[name];
  return Number(digits) <= SVC_KEY_MAX ? Number(digits) : undefined;
}

/** For master files. */
export function formatSvcKey(key: number): string {
  return key <= WRITTEN_BY_NAME_MAX ? svcKeyName(key) : `key${key}`;
}

/** For messages to people. */
export function svcKeyName(key: number): string {
  return KEY_NAMES.get(key) ?? `key${key}`;
}

/** RFC 9460 §8: a list of keys, ascending in the wire, none twice and not itself. */
const mandatory: SvcValue = {
  form: 'a list of keys with commas, none twice',
  read(text) {
    const keys = decodeUtf8(text).split(',').map(svcKeyNumber);
    if (keys.includes(undefined)) return undefined;
    const sorted = (keys as number[]).sort((left, right) => left - right);
    return concatBytes(sorted.map(key => Uint8Array.of(key >> 8, key & 0xff)));
  },
  show: value => encodeUtf8(mandatoryKeys(value).map(formatSvcKey).join(',')),
  check(value) {
    const keys = mandatoryKeys(value);
    const isAscending = keys.every((key, index) => key > (keys[index - 1] ?? SVC_KEY.MANDATORY));
    return keys.length > 0 && value.length % 2 === 0 && isAscending && !keys.includes(SVC_KEY_MAX + 1);
  },
};

export function mandatoryKeys(value: Uint8Array): number[] {
  const view = viewOf(value);
  return Array.from({ length: value.length >> 1 }, (_, index) => view.getUint16(index * 2));
}

/** RFC 9460 §7.1.1: each name behind its length. */
const alpn: SvcValue = {
  form: 'a list of protocol names with commas, each of 1 to 255 bytes',
  read(text) {
    const names = splitList(text);
    return names?.every(({ length }) => length >= 1 && length <= 255) === true
      ? concatBytes(names.flatMap(name => [Uint8Array.of(name.length), name]))
      : undefined;
  },
  show(value) {
    const parts: Uint8Array[] = [];
    for (let offset = 0; offset < value.length; offset += 1 + (value[offset] as number)) {
      if (offset > 0) parts.push(COMMA);
      parts.push(escapeListItem(value.subarray(offset + 1, offset + 1 + (value[offset] as number))));
    }
    return concatBytes(parts);
  },
  check(value) {
    let offset = 0;
    while (offset < value.length && value[offset] !== 0) offset += 1 + (value[offset] as number);
    return value.length > 0 && offset === value.length;
  },
};

/** RFC 9460 §7.1.1, RFC 9540 §4: the key alone says it. */
const nothing: SvcValue = {
  form: 'empty',
  read: text => (text.length === 0 ? text : undefined),
  show: value => value,
  check: value => value.length === 0,
};

/** RFC 9460 §7.2. */
const port: SvcValue = {
  form: 'a number from 0 to 65535',
  read(text) {
    const digits = decodeUtf8(text);
    const number = Number(digits);
    return /^[0-9]{1,5}$/.test(digits) && number <= 0xffff
      ? Uint8Array.of(number >> 8, number & 0xff)
      : undefined;
  },
  show: value => encodeUtf8(String(viewOf(value).getUint16(0))),
  check: value => value.length === 2,
};

/** RFC 9460 §9. */
const ech: SvcValue = {
  form: 'a list of configurations in base64',
  read: text => parseBase64(decodeUtf8(text)),
  show: value => encodeUtf8(value.toBase64()),
  check: value => value.length > 0,
};

/** RFC 9461 §5: a template of a path, in UTF-8, with the variable `dns`. */
const dohpath: SvcValue = {
  form: 'a path with the variable dns, such as /dns-query{?dns}',
  read: text => text,
  show: value => value,
  check(value) {
    const text = decodeUtf8(value);
    const isTemplate = !text.includes('\ufffd') && /^\/(?:[^{}]|\{[^{}]+\})*$/.test(text);
    return isTemplate && /\{[?&]?(?:[^{}]*,)?dns(?:,[^{}]*)?\}/.test(text);
  },
};

/** RFC 9460 §7.3. */
function hints(bytes: number, family: string): SvcValue {
  return {
    form: `a list of ${family} addresses with commas`,
    read(text) {
      const addresses = decodeUtf8(text)
        .split(',')
        .map(address => parseAddressOf(bytes, address));
      return addresses.includes(undefined) ? undefined : concatBytes(addresses as Uint8Array[]);
    },
    show: value =>
      encodeUtf8(
        Array.from({ length: value.length / bytes }, (_, index) =>
          formatAddress(value.subarray(index * bytes, (index + 1) * bytes)),
        ).join(','),
      ),
    check: value => value.length > 0 && value.length % bytes === 0,
  };
}

/** RFC 9460 §2.1: the bytes themselves. */
const opaque: SvcValue = { form: 'a text', read: text => text, show: value => value, check: () => true };

const VALUES: ReadonlyMap<number, SvcValue> = new Map([
  [SVC_KEY.MANDATORY, mandatory],
  [SVC_KEY.ALPN, alpn],
  [SVC_KEY.NO_DEFAULT_ALPN, nothing],
  [3, port],
  [4, hints(IPV4_BYTES, 'IPv4')],
  [5, ech],
  [6, hints(IPV6_BYTES, 'IPv6')],
  [7, dohpath],
  [8, nothing],
]);

export function svcValue(key: number): SvcValue {
  return VALUES.get(key) ?? opaque;
}

const COMMA = Uint8Array.of(0x2c);
const BACKSLASH = 0x5c;

/** RFC 9460 App. A.1: items with commas between them; a backslash stands before a comma or a backslash of an item. */
function splitList(text: Uint8Array): Uint8Array[] | undefined {
  const items: number[][] = [[]];
  for (let index = 0; index < text.length; index++) {
    const byte = text[index] as number;
    if (byte === COMMA[0]) items.push([]);
    else if (byte !== BACKSLASH) items.at(-1)?.push(byte);
    else {
      const escaped = text[++index];
      if (escaped === undefined || (escaped !== BACKSLASH && escaped !== COMMA[0])) return undefined;
      items.at(-1)?.push(escaped);
    }
  }
  return items.map(item => Uint8Array.from(item));
}

function escapeListItem(item: Uint8Array): Uint8Array {
  return Uint8Array.from(
    Array.from(item).flatMap(byte => (byte === COMMA[0] || byte === BACKSLASH ? [BACKSLASH, byte] : [byte])),
  );
}
