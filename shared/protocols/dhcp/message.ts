/** DHCPv4 messages (RFC 2131 §2, RFC 2132). */
import { concatBytes, viewOf } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';

/** RFC 2132 §9.6. */
export const MESSAGE_TYPE = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
  INFORM: 8,
} as const;

/** Option codes by the names of RFC 2132, 3442 (classless routes) and 3397 (search list). */
export const OPTION = {
  PAD: 0,
  SUBNET_MASK: 1,
  ROUTER: 3,
  DOMAIN_NAME_SERVER: 6,
  HOST_NAME: 12,
  DOMAIN_NAME: 15,
  INTERFACE_MTU: 26,
  BROADCAST_ADDRESS: 28,
  NTP_SERVERS: 42,
  REQUESTED_IP_ADDRESS: 50,
  LEASE_TIME: 51,
  OVERLOAD: 52,
  MESSAGE_TYPE: 53,
  SERVER_IDENTIFIER: 54,
  PARAMETER_REQUEST_LIST: 55,
  MESSAGE: 56,
  MAXIMUM_MESSAGE_SIZE: 57,
  RENEWAL_TIME: 58,
  REBINDING_TIME: 59,
  CLIENT_IDENTIFIER: 61,
  CLASSLESS_STATIC_ROUTE: 121,
  END: 255,
} as const;

export const BOOTREQUEST = 1;
export const BOOTREPLY = 2;
const HARDWARE_ETHERNET = 1;
/** RFC 2131 §3: the first four octets of the options field. */
const MAGIC_COOKIE = 0x63825363;
const FIXED_BYTES = 236;
const OPTIONS_OFFSET = FIXED_BYTES + 4;
/** RFC 1542 §2.1: relays and servers may drop a BOOTP message shorter than this. */
const MESSAGE_BYTES_MIN = 300;

export interface DhcpMessage {
  readonly op: number;
  readonly xid: number;
  readonly secs: number;
  readonly ciaddr: Uint8Array;
  readonly yiaddr: Uint8Array;
  readonly chaddr: Uint8Array;
  readonly options: ReadonlyMap<number, Uint8Array>;
}

export type DhcpDecodeError =
  | { readonly kind: 'too-short' }
  | { readonly kind: 'no-magic-cookie' }
  | { readonly kind: 'option-overrun'; readonly option: number };

/** The message as a UDP payload; flags, siaddr and giaddr are zero, as a client leaves them. */
export function encodeDhcpMessage(message: DhcpMessage): Uint8Array {
  const fixed = new Uint8Array(OPTIONS_OFFSET);
  const view = viewOf(fixed);
  fixed.set([message.op, HARDWARE_ETHERNET, message.chaddr.length, 0]);
  view.setUint32(4, message.xid);
  view.setUint16(8, message.secs);
  fixed.set(message.ciaddr, 12);
  fixed.set(message.yiaddr, 16);
  fixed.set(message.chaddr.subarray(0, 16), 28);
  view.setUint32(FIXED_BYTES, MAGIC_COOKIE);
  const options = [...message.options].flatMap(([code, value]) => encodeOption(code, value));
  const whole = concatBytes([fixed, ...options, Uint8Array.of(OPTION.END)]);
  return whole.length >= MESSAGE_BYTES_MIN
    ? whole
    : concatBytes([whole, new Uint8Array(MESSAGE_BYTES_MIN - whole.length)]);
}

/** RFC 3396 §5: a value of more than 255 octets is split over several instances of its option. */
function encodeOption(code: number, value: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < value.length; at += 255) {
    const part = value.subarray(at, at + 255);
    parts.push(concatBytes([Uint8Array.of(code, part.length), part]));
  }
  return parts;
}

export function decodeDhcpMessage(bytes: Uint8Array): Result<DhcpMessage, DhcpDecodeError> {
  if (bytes.length < OPTIONS_OFFSET) return err({ kind: 'too-short' });
  const view = viewOf(bytes);
  if (view.getUint32(FIXED_BYTES) !== MAGIC_COOKIE) return err({ kind: 'no-magic-cookie' });
  const options = decodeAllOptions(bytes);
  if (!options.ok) return options;
  return ok({
    op: bytes[0] ?? 0,
    xid: view.getUint32(4),
    secs: view.getUint16(8),
    ciaddr: bytes.slice(12, 16),
    yiaddr: bytes.slice(16, 20),
    chaddr: bytes.slice(28, 28 + Math.min(bytes[2] ?? 0, 16)),
    options: options.value,
  });
}

function decodeAllOptions(bytes: Uint8Array): Result<Map<number, Uint8Array>, DhcpDecodeError> {
  const options = new Map<number, Uint8Array>();
  const failed = decodeOptions(bytes.subarray(OPTIONS_OFFSET), options);
  if (failed !== undefined) return err(failed);
  // RFC 2131 §4.1: with "option overload" the `file` field is read next, then `sname`.
  const overload = options.get(OPTION.OVERLOAD)?.[0] ?? 0;
  const file = overload & 1 ? decodeOptions(bytes.subarray(108, 236), options) : undefined;
  const sname = overload & 2 ? decodeOptions(bytes.subarray(44, 108), options) : undefined;
  const overrun = file ?? sname;
  return overrun === undefined ? ok(options) : err(overrun);
}

function decodeOptions(bytes: Uint8Array, into: Map<number, Uint8Array>): DhcpDecodeError | undefined {
  for (let at = 0; at < bytes.length;) {
    const option = bytes[at] ?? 0;
    if (option === OPTION.END) return undefined;
    if (option === OPTION.PAD) {
      at += 1;
      continue;
    }
    const end = at + 2 + (bytes[at + 1] ?? 0);
    if (at + 1 >= bytes.length || end > bytes.length) return { kind: 'option-overrun', option };
    const value = bytes.slice(at + 2, end);
    const earlier = into.get(option);
    // RFC 3396 §7: several instances of one option are one value, in the order in which they stand.
    into.set(option, earlier === undefined ? value : concatBytes([earlier, value]));
    at = end;
  }
  return undefined;
}
