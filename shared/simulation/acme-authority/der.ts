import { concatBytes, encodeUtf8 } from '../../base/bytes.ts';
import { formatTimestamp } from './timestamp.ts';

/** What certificates need of DER (X.690): tag, length, content. Elements are handed around in wire form. */
type Der = Uint8Array<ArrayBuffer>;

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** X.690 §8.1.3.4 and §8.1.3.5: one byte up to 127, else the number of length bytes and the bytes. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Der {
  const content = concatBytes(parts);
  const size = content.length;
  if (size < 0x80) return concatBytes([Uint8Array.of(tag, size), content]);
  const length = size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return concatBytes([Uint8Array.of(tag, ...length), content]);
}

/** `[number]`, constructed. */
export function tagged(number: number, ...parts: readonly Uint8Array[]): Der {
  return element(0xa0 | number, ...parts);
}

/** `[number]` in place of a primitive's own tag. */
export function implicit(number: number, content: Uint8Array): Der {
  return element(0x80 | number, content);
}

export function sequence(...parts: readonly Uint8Array[]): Der {
  return element(TAG.sequence, ...parts);
}

/** A number that is not negative, big-endian. */
export function integer(bytes: Uint8Array): Der {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  // X.690 §8.3.3: two's complement, so a leading one bit needs a zero byte before it.
  return element(TAG.integer, ((digits[0] ?? 0) & 0x80) === 0 ? digits : concatBytes([ZERO, digits]));
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Der {
  return element(TAG.bitString, Uint8Array.of(unusedBits), bytes);
}

export function octetString(bytes: Uint8Array): Der {
  return element(TAG.octetString, bytes);
}

export const TRUE: Der = element(TAG.boolean, Uint8Array.of(0xff));

/** From dotted form. */
export function objectIdentifier(text: string): Der {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap(base128);
  return element(TAG.objectIdentifier, Uint8Array.from(bytes));
}

/** X.690 §8.19.2: seven bits a byte, all but the last with the top bit set. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

/** RFC 5280 §4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050. */
export function time(ms: number): Der {
  const digits = `${formatTimestamp(ms).replaceAll(/[-:TZ]/g, '')}Z`;
  return digits < '2050'
    ? element(TAG.utcTime, encodeUtf8(digits.slice(2)))
    : element(TAG.generalizedTime, encodeUtf8(digits));
}

export function utf8String(text: string): Der {
  return element(TAG.utf8String, encodeUtf8(text));
}

const ZERO = Uint8Array.of(0);

/** One element that was read. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** The elements that fill `bytes` exactly, or undefined where they do not. */
export function readElements(bytes: Uint8Array): DerElement[] | undefined {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const head = readHead(bytes, at);
    if (head === undefined || head.end > bytes.length) return undefined;
    const content = bytes.subarray(head.start, head.end);
    elements.push({ tag: head.tag, content, whole: bytes.subarray(at, head.end) });
    at = head.end;
  }
  return elements;
}

function readHead(bytes: Uint8Array, at: number): { tag: number; start: number; end: number } | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  // Nothing here is longer than 16 MiB; and X.690 §10.1 forbids the indefinite form.
  if (count === 0 || count > 3) return undefined;
  let length = 0;
  for (const byte of bytes.subarray(at + 2, at + 2 + count)) length = length * 256 + byte;
  return { tag, start: at + 2 + count, end: at + 2 + count + length };
}
