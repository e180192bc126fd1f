import { CR, IS_TOKEN, LF } from '../http/characters.ts';

/** Where the search for the end of a head stands; positions count from the first byte of the head. */
export interface HeadScan {
  /** Bytes looked at. */
  at: number;
  lineStart: number;
  lines: number;
  /** The longest head that is read; lines with the request line. */
  readonly maxBytes: number;
  readonly maxLines: number;
}

export function beginScan(scan: HeadScan): void {
  scan.at = 0;
  scan.lineStart = 0;
  scan.lines = 0;
}

/** No end yet; a line that ends otherwise than RFC 9112 §2.2 has it; or more than may be. */
export const HEAD_OPEN = -1;
export const HEAD_BROKEN = -2;
export const HEAD_LONG = -3;

/**
 * Goes on looking through `bytes`, whose head begins at `start`, for the empty line that ends it: its length, or one of the
 * three above. Every byte is looked at once, however the head comes in.
 */
export function scanHead(bytes: Uint8Array, start: number, end: number, scan: HeadScan): number {
  let lineStart = start + scan.lineStart;
  let index = start + scan.at;
  // Whatever speaks something else (TLS to a plain port) is told at once.
  if (start < end && IS_TOKEN[bytes[start] as number] === 0) return HEAD_BROKEN;
  const stop = Math.min(end, start + scan.maxBytes);
  for (; index < stop; index++) {
    const byte = bytes[index] as number;
    if (byte === LF) {
      // RFC 9112 §2.2 would let a server take a bare LF as a line's end; two readings of one message are what smuggling lives on.
      if (index === lineStart || bytes[index - 1] !== CR) return HEAD_BROKEN;
      if (index === lineStart + 1) return index + 1 - start;
      lineStart = index + 1;
      if (++scan.lines > scan.maxLines) return HEAD_LONG;
    } else if (index > lineStart && bytes[index - 1] === CR) return HEAD_BROKEN;
  }
  scan.at = stop - start;
  scan.lineStart = lineStart - start;
  return end > stop ? HEAD_LONG : HEAD_OPEN;
}
