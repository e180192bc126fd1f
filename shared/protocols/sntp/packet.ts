/** SNTP client packets (RFC 5905 §7.3, RFC 4330 §4). Times are milliseconds since 1970. */
import { equalBytes, viewOf } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';

export const NTP_PORT = 123;
export const PACKET_BYTES = 48;
export const COOKIE_BYTES = 8;
const VERSION_4_CLIENT = (4 << 3) | 3;
const MODE_SERVER = 4;
/** Seconds from 1900 to 1970. */
const ERA_OFFSET_SECONDS = 2_208_988_800;
const ERA_SECONDS = 2 ** 32;
const STRATUM_MAX = 15;

export interface ServerTime {
  /** When the server got the request, and when it answered. */
  readonly receivedMs: number;
  readonly transmittedMs: number;
  readonly stratum: number;
  /** RFC 5905 §7.3: how far the server's own clock may be off, root dispersion and half of root delay. */
  readonly errorMs: number;
}

export type SntpError =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'not-our-request' }
  | { readonly kind: 'unsynchronised' }
  /** RFC 5905 §7.4: the server asks to be asked less, or not at all. */
  | { readonly kind: 'kiss-of-death'; readonly code: string };

/**
 * A request. In place of our time it carries `cookie`, eight random bytes that only the server asked can give back;
 * the clock of the machine stays its own (as draft-ietf-ntp-data-minimization proposes).
 */
export function encodeRequest(cookie: Uint8Array): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES);
  packet[0] = VERSION_4_CLIENT;
  packet.set(cookie, 40);
  return packet;
}

/** `nearMs` places the 32-bit seconds in their era (RFC 5905 §6): any time within 68 years of the true one. */
export function decodeReply(
  packet: Uint8Array,
  cookie: Uint8Array,
  nearMs: number,
): Result<ServerTime, SntpError> {
  if (packet.length < PACKET_BYTES || ((packet[0] ?? 0) & 7) !== MODE_SERVER)
    return err({ kind: 'malformed' });
  // RFC 4330 §5: the originate timestamp must be the one that was sent.
  if (!equalBytes(packet.subarray(24, 32), cookie)) return err({ kind: 'not-our-request' });
  const stratum = packet[1] ?? 0;
  const code = String.fromCharCode(...packet.subarray(12, 16));
  // RFC 5905 §7.4: the codes are four letters or fewer; chrony that has no time itself sends stratum 0 and none of them.
  if (stratum === 0)
    return err(/^[A-Z]{3}[A-Z\0]$/.test(code) ? { kind: 'kiss-of-death', code } : { kind: 'unsynchronised' });
  const view = viewOf(packet);
  const isUnset = view.getUint32(40) === 0 && view.getUint32(44) === 0;
  // RFC 4330 §5: leap indicator 3 and stratum 16 mean that the server has no time itself.
  if ((packet[0] ?? 0) >> 6 === 3 || stratum > STRATUM_MAX || isUnset) return err({ kind: 'unsynchronised' });
  return ok({
    receivedMs: readTimestamp(view, 32, nearMs),
    transmittedMs: readTimestamp(view, 40, nearMs),
    stratum,
    errorMs: (view.getUint32(4) / 2 + view.getUint32(8)) / 65.536,
  });
}

function readTimestamp(view: DataView, at: number, nearMs: number): number {
  const inEra = view.getUint32(at) - ERA_OFFSET_SECONDS + view.getUint32(at + 4) / ERA_SECONDS;
  const era = Math.round((nearMs / 1000 - inEra) / ERA_SECONDS);
  return (inEra + era * ERA_SECONDS) * 1000;
}
