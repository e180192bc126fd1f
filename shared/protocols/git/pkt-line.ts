import { concatBytes, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** gitprotocol-common "pkt-line Format": four hexadecimal digits of length, themselves counted, then the payload. */
export type Packet = Uint8Array | 'flush' | 'delimiter';

/** gitprotocol-v2 "Packet-Line Framing": these stand where a length would. */
const FLUSH = '0000';
const DELIMITER = '0001';
const LENGTH_BYTES = 4;

/** Lines of text, ended by LF, and marks between them. */
export function encodePackets(packets: readonly string[]): Uint8Array<ArrayBuffer> {
  return concatBytes(packets.map(encodePacket));
}

function encodePacket(packet: string): Uint8Array {
  if (packet === 'flush') return encodeUtf8(FLUSH);
  if (packet === 'delimiter') return encodeUtf8(DELIMITER);
  const payload = encodeUtf8(`${packet}\n`);
  return concatBytes([encodeUtf8((payload.length + LENGTH_BYTES).toString(16).padStart(4, '0')), payload]);
}

/** All packets as views of `bytes`. */
export function decodePackets(bytes: Uint8Array): Result<Packet[], 'malformed'> {
  const packets: Packet[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const digits = decodeUtf8(bytes.subarray(offset, offset + LENGTH_BYTES));
    const length = Number.parseInt(digits, 16);
    if (!/^[0-9a-fA-F]{4}$/.test(digits) || offset + length > bytes.length) return err('malformed');
    if (digits === FLUSH) packets.push('flush');
    else if (digits === DELIMITER) packets.push('delimiter');
    else if (length < LENGTH_BYTES) return err('malformed');
    else packets.push(bytes.subarray(offset + LENGTH_BYTES, offset + length));
    offset += Math.max(length, LENGTH_BYTES);
  }
  return ok(packets);
}

/** The text of a packet without the LF that a sender may put at its end. */
export function textOf(packet: Packet | undefined): string {
  return packet instanceof Uint8Array ? decodeUtf8(packet).replace(/\n$/, '') : '';
}
