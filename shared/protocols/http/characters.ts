export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;

function tableOf(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));
}

const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** RFC 9110 §5.6.2: tchar, by byte. */
export const IS_TOKEN: Uint8Array = tableOf(byte => TOKEN_CHARACTERS.includes(String.fromCharCode(byte)));

/** RFC 9112 §3.2, RFC 3986 §2: a target is of visible ASCII; all else is percent-encoded. */
export const IS_TARGET: Uint8Array = tableOf(byte => byte > SP && byte < 0x7f);

/** RFC 9110 §5.5: field-content: VCHAR, obs-text, SP and HTAB. CR, LF and NUL are dangerous, other controls mean nothing. */
export const IS_VALUE: Uint8Array = tableOf(byte => byte === TAB || (byte >= SP && byte !== 0x7f));

/** The bytes as characters of the same number (ISO 8859-1), as a text. A host may offer a faster one. */
export type Latin1 = (bytes: Uint8Array, start: number, end: number) => string;

export const decodeLatin1: Latin1 = (bytes, start, end) => {
  let text = '';
  let at = start;
  // Eight in one call cost little more than one, and much less than a list of arguments of any length.
  for (; at + 8 <= end; at += 8) text += eightCharacters(bytes, at);
  for (; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
};

function eightCharacters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    bytes[at] as number,
    bytes[at + 1] as number,
    bytes[at + 2] as number,
    bytes[at + 3] as number,
    bytes[at + 4] as number,
    bytes[at + 5] as number,
    bytes[at + 6] as number,
    bytes[at + 7] as number,
  );
}
