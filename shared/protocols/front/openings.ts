import { viewOf } from '../../base/bytes.ts';

/** Protocols that are known by their first bytes and are not TLS. */
export type Opening = 'http' | 'openvpn';

/** Whether `bytes`, everything received so far and at least one byte, begin that protocol. 'more' can become either. */
export function isOpening(opening: Opening, bytes: Uint8Array): boolean | 'more' {
  return recognizers[opening](bytes);
}

const recognizers: Readonly<Record<Opening, (bytes: Uint8Array) => boolean | 'more'>> = {
  http: isHttp,
  openvpn: isOpenVpn,
};

/** The longest method registered by IANA (UPDATEREDIRECTREF) has 17 letters; also the "PRI" of HTTP/2 without TLS is found. */
const METHOD_MAX_BYTES = 17;

/** RFC 9112 §3: a request line begins with a method and a space. The registered methods are capitals, some with a dash. */
function isHttp(bytes: Uint8Array): boolean | 'more' {
  const end = bytes.findIndex(byte => !isMethodByte(byte));
  const length = end === -1 ? bytes.length : end;
  if (length > METHOD_MAX_BYTES) return false;
  return end === -1 ? 'more' : end > 0 && bytes[end] === 0x20;
}

function isMethodByte(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || byte === 0x2d;
}

// OpenVPN's opcodes of a client's first packet, in the upper five bits of its first byte.
const HARD_RESET_CLIENT_V2 = 7;
const HARD_RESET_CLIENT_V3 = 10;

/**
 * OpenVPN over TCP: a packet's length (two bytes), then opcode and key number (0 at first). The lengths are those by which OpenVPN's own
 * `port-share` tells its clients from others: V3 carries a wrapped client key of tls-crypt-v2.
 */
function isOpenVpn(bytes: Uint8Array): boolean | 'more' {
  // Lengths up to 1,278 begin with 0 to 4.
  if ((bytes[0] ?? 0) > 4) return false;
  if (bytes.length < 3) return 'more';
  const length = viewOf(bytes).getUint16(0);
  if (bytes[2] === HARD_RESET_CLIENT_V2 << 3) return length >= 14 && length <= 255;
  return bytes[2] === HARD_RESET_CLIENT_V3 << 3 && length >= 336 && length < 1_024 + 255;
}
