import { concatBytes, encodeUtf8 } from '../base/bytes.ts';

// RFC 9113 §6.
const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const WINDOW_UPDATE = 8;
const HEADER_BYTES = 9;

/** RFC 9113 §4.1, by hand: for clients that no library would be. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array | number[],
): Uint8Array {
  const { length } = payload;
  return Uint8Array.of(0, length >> 8, length & 255, type, flags, 0, 0, 0, stream, ...payload);
}

/** RFC 9113 §3.4: what a client says first. */
export const PREFACE: Uint8Array = encodeUtf8('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const HELLO: Uint8Array = concatBytes([PREFACE, frame(SETTINGS, 0, 0, [])]);

/** GET /big of one.test, and windows for all of it: SETTINGS_INITIAL_WINDOW_SIZE of 2^24, and as much for the connection. */
export const ASK_BIG: Uint8Array = concatBytes([
  PREFACE,
  frame(SETTINGS, 0, 0, [0, 4, 1, 0, 0, 0]),
  frame(WINDOW_UPDATE, 0, 0, [1, 0, 0, 0]),
  // RFC 7541 appendix A: :method GET, :scheme https, :path and :authority as literals; END_STREAM and END_HEADERS.
  frame(HEADERS, 5, 1, [0x82, 0x87, 0x04, 4, ...encodeUtf8('/big'), 0x01, 8, ...encodeUtf8('one.test')]),
]);

/** The content of all DATA frames that are whole. */
export function dataIn(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0) >>> 8;
    const start = at + HEADER_BYTES;
    at = start + length;
    if (at <= bytes.length && bytes[start - 6] === DATA) parts.push(bytes.subarray(start, at));
  }
  return concatBytes(parts);
}
