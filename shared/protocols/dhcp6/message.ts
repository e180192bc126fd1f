/** DHCPv6 messages between client and server (RFC 8415 §8, §21). */
import { concatBytes, viewOf } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';

/** RFC 8415 §7.3. */
export const MESSAGE = {
  SOLICIT: 1,
  ADVERTISE: 2,
  REQUEST: 3,
  RENEW: 5,
  REBIND: 6,
  REPLY: 7,
  INFORMATION_REQUEST: 11,
} as const;

/** RFC 8415 §21, RFC 3646 (name servers), RFC 5908 (NTP). */
export const OPTION = {
  CLIENTID: 1,
  SERVERID: 2,
  IA_NA: 3,
  IAADDR: 5,
  ORO: 6,
  ELAPSED_TIME: 8,
  STATUS_CODE: 13,
  DNS_SERVERS: 23,
  INFORMATION_REFRESH_TIME: 32,
  NTP_SERVER: 56,
} as const;

export const CLIENT_PORT = 546;
export const SERVER_PORT = 547;
/** RFC 8415 §7.1: All_DHCP_Relay_Agents_and_Servers. */
export const ALL_SERVERS = 'ff02::1:2';

export type Option = readonly [code: number, value: Uint8Array];

export interface Dhcp6Message {
  readonly type: number;
  /** 24 bits. */
  readonly transactionId: number;
  readonly options: readonly Option[];
}

export type Dhcp6DecodeError = { readonly kind: 'too-short' } | { readonly kind: 'option-overrun' };

export function encodeDhcp6Message(message: Dhcp6Message): Uint8Array {
  const { type, transactionId: id } = message;
  const head = Uint8Array.of(type, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff);
  return concatBytes([head, encodeOptions(message.options)]);
}

export function decodeDhcp6Message(bytes: Uint8Array): Result<Dhcp6Message, Dhcp6DecodeError> {
  if (bytes.length < 4) return err({ kind: 'too-short' });
  const first = viewOf(bytes).getUint32(0);
  const options = decodeOptions(bytes.subarray(4));
  if (!options.ok) return options;
  return ok({ type: first >>> 24, transactionId: first & 0xffffff, options: options.value });
}

export function encodeOptions(options: readonly Option[]): Uint8Array {
  return concatBytes(
    options.map(([code, value]) => {
      const head = new Uint8Array(4);
      viewOf(head).setUint16(0, code);
      viewOf(head).setUint16(2, value.length);
      return concatBytes([head, value]);
    }),
  );
}

/** Options in their order; values are copies. */
export function decodeOptions(bytes: Uint8Array): Result<Option[], Dhcp6DecodeError> {
  const options: Option[] = [];
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return err({ kind: 'option-overrun' });
    const end = at + 4 + view.getUint16(at + 2);
    if (end > bytes.length) return err({ kind: 'option-overrun' });
    options.push([view.getUint16(at), bytes.slice(at + 4, end)]);
    at = end;
  }
  return ok(options);
}

/** The first value of an option. */
export function findOption(options: readonly Option[], code: number): Uint8Array | undefined {
  return options.find(each => each[0] === code)?.[1];
}
