/** HTTP/2 by hand, for clients that no library would be. */

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** RFC 9113 §4.1. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** RFC 9113 §6. */
export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS_TYPE = 4;
export const PING = 6;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;
export const END_STREAM = 1;
export const END_HEADERS = 4;

export const SETTINGS = frame(SETTINGS_TYPE, 0, 0);
/** RFC 9113 §6.5.2: SETTINGS_INITIAL_WINDOW_SIZE of 0. */
export const NO_WINDOW = frame(SETTINGS_TYPE, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]));

/** RFC 7541 appendix A: :method GET, :scheme https, :path /, and :authority a. */
export const GET_ROOT = Buffer.from([0x82, 0x87, 0x84, 0x41, 0x01, 0x61]);

export const getRoot = (streamId: number): Buffer =>
  frame(HEADERS, END_STREAM | END_HEADERS, streamId, GET_ROOT);

export function many(count: number, make: (index: number) => Buffer): Buffer[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
