import { equalBytes } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';

/**
 * A domain name as its labels of raw bytes, the root's empty label left out: bytes are kept as they are, so a label may
 * hold any byte, dots included. Compare with {@link equalNames}.
 */
export type Name = readonly Uint8Array[];

// RFC 1035 §2.3.4: labels are 63 octets or less, names 255 octets or less (length bytes and the root's included).
export const LABEL_MAX_BYTES = 63;
export const NAME_MAX_BYTES = 255;

/** Text in presentation form to labels: RFC 1035 §5.1 escapes `\.`, `\\` and `\DDD`; a final dot is optional. */
export function parseName(text: string): Result<Name, string> {
  if (text === '.' || text === '') return ok([]);
  const labels: Uint8Array[] = [];
  let length = 0;
  // The root's byte. Lengths are looked at on the way, so that no text costs more than a name.
  let total = 1;
  for (let index = 0; index < text.length; index++) {
    let byte = text.charCodeAt(index);
    if (byte > 0x7e || byte < 0x21)
      return err(`a domain name is printable ASCII, not ${JSON.stringify(text[index])}`);
    if (byte === DOT) {
      if (length === 0) return err('an empty label');
      labels.push(LABEL.slice(0, length));
      length = 0;
      continue;
    }
    if (byte === BACKSLASH) {
      const escape = parseEscape(text, index + 1);
      if (escape === undefined)
        return err('a backslash stands before one character or three digits up to 255');
      byte = escape.byte;
      index += escape.length;
    }
    if (length === LABEL_MAX_BYTES) return err(`a label is longer than ${LABEL_MAX_BYTES} bytes`);
    LABEL[length++] = byte;
    // The first byte of a label brings the length byte along.
    total += length === 1 ? 2 : 1;
    if (total > NAME_MAX_BYTES) return err(`the name is longer than ${NAME_MAX_BYTES} bytes`);
  }
  if (length > 0) labels.push(LABEL.slice(0, length));
  return ok(labels);
}

/** Where the label being read grows. */
const LABEL = new Uint8Array(LABEL_MAX_BYTES);

function parseEscape(text: string, index: number): { byte: number; length: number } | undefined {
  const digits = /^[0-9]{3}/.exec(text.slice(index, index + 3))?.[0];
  if (digits !== undefined) return Number(digits) > 255 ? undefined : { byte: Number(digits), length: 3 };
  const code = text.charCodeAt(index);
  return code >= 0x21 && code <= 0x7e && !(code >= 0x30 && code <= 0x39)
    ? { byte: code, length: 1 }
    : undefined;
}

const DOT = 0x2e;
const BACKSLASH = 0x5c;

/**
 * What stands for itself. The rest is written by number: readers of master files differ in which other characters they take plain (Knot
 * few) or behind a backslash (`\[` is a fault to BIND, `\@` in data to ldns).
 */
const PLAIN: ReadonlySet<number> = new Set(
  Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_*/', character =>
    character.charCodeAt(0),
  ),
);

/** Presentation form without the final dot; the root is '.'. Bytes that are not plain text are escaped. */
export function formatName(name: Name): string {
  return name.length === 0 ? '.' : name.map(formatLabel).join('.');
}

function formatLabel(label: Uint8Array): string {
  let text = '';
  for (const byte of label) {
    if (PLAIN.has(byte)) text += String.fromCharCode(byte);
    else if (byte === DOT || byte === BACKSLASH) text += `\\${String.fromCharCode(byte)}`;
    else text += `\\${String(byte).padStart(3, '0')}`;
  }
  return text;
}

/** Length of the uncompressed wire form, the root's byte included. */
export function nameBytes(name: Name): number {
  return name.reduce((total, label) => total + 1 + label.length, 1);
}

/** RFC 4343 §3: ASCII letters are equal in either case; all other bytes are themselves. */
export function equalNames(left: Name, right: Name): boolean {
  return (
    left.length === right.length &&
    left.every((label, index) => equalLabels(label, right[index] as Uint8Array))
  );
}

/** Whether both are the same in the same case. */
export function isWrittenAlike(left: Name, right: Name): boolean {
  return (
    left === right ||
    (left.length === right.length &&
      left.every((label, index) => equalBytes(label, right[index] as Uint8Array)))
  );
}

/** Whether `name` is `ancestor` or stands below it. */
export function isAtOrBelow(name: Name, ancestor: Name): boolean {
  const deeper = name.length - ancestor.length;
  return (
    deeper >= 0 && ancestor.every((label, index) => equalLabels(label, name[deeper + index] as Uint8Array))
  );
}

function equalLabels(left: Uint8Array, right: Uint8Array): boolean {
  return (
    left.length === right.length &&
    left.every((byte, index) => lowerByte(byte) === lowerByte(right[index] as number))
  );
}

/** RFC 4343 §3. */
export function lowerByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** The name with ASCII letters in lower case, for keys and for showing. */
export function lowerName(name: Name): Name {
  return name.map(label => label.map(lowerByte));
}

/** Uncompressed wire form, written at `offset`; the offset after it. The caller has made room. */
export function encodeName(name: Name, into: Uint8Array, offset: number): number {
  for (const label of name) {
    into[offset] = label.length;
    into.set(label, offset + 1);
    offset += 1 + label.length;
  }
  into[offset] = 0;
  return offset + 1;
}

/** The whole name, uncompressed, in bytes of its own. */
export function nameInWire(name: Name): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(nameBytes(name));
  encodeName(name, bytes, 0);
  return bytes;
}

/** The name at `offset` of a message, pointers followed, and the offset after it. */
export function decodeName(message: Uint8Array, offset: number): Result<{ name: Name; end: number }, string> {
  const labels: Uint8Array[] = [];
  let total = 1;
  let end: number | undefined;
  let limit = offset;
  for (;;) {
    const length = message[offset];
    if (length === undefined) return err('the name runs past the message');
    if (length === 0) return ok({ name: labels, end: end ?? offset + 1 });
    if (length >= POINTER) {
      const low = message[offset + 1];
      if (low === undefined) return err('the pointer runs past the message');
      const target = ((length & 0x3f) << 8) | low;
      // RFC 1035 §4.1.4: a pointer points to a *prior* occurrence; each one going further back ends every loop.
      if (target >= limit) return err('the pointer does not point back');
      end ??= offset + 2;
      offset = target;
      limit = target;
      continue;
    }
    // RFC 6891 §5: the label types 01 and 10 are not in use.
    if (length > LABEL_MAX_BYTES) return err('an unknown label type');
    if (offset + 1 + length > message.length) return err('the label runs past the message');
    total += 1 + length;
    if (total > NAME_MAX_BYTES) return err(`the name is longer than ${NAME_MAX_BYTES} bytes`);
    labels.push(message.slice(offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
}

const POINTER = 0xc0;
