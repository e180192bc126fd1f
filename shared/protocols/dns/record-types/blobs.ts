import { concatBytes, formatHex, parseHex } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { formatBase32hex, parseBase32hex } from '../base32hex.ts';
import { fixedEnd, MALFORMED, restEnd, wordField, type Field } from './field.ts';
import type { TokenReader } from './tokens.ts';

const HEX = 'hexadecimal digits, two for each byte';
const BASE64 = 'base64 with its padding';

/** Hexadecimal to the end of the data, at least one byte; in a master file blanks may stand in it. */
export function hexToEnd(name: string): Field {
  return { name, form: HEX, end: restEnd, parse: parseHexWords, format: upperHex };
}

/** As {@link hexToEnd}, as long as `lengths` demands for the number in the byte before; for others at least `minBytes`. */
export function digestToEnd(
  name: string,
  lengths: Readonly<Record<number, number>>,
  minBytes: number = 1,
): Field {
  return {
    ...hexToEnd(name),
    form: `${HEX}, as many as its type gives`,
    end(data, offset) {
      const length = data.length - offset;
      const expected = lengths[data[offset - 1] ?? 0];
      return (expected === undefined ? length >= minBytes : length === expected) ? data.length : MALFORMED;
    },
  };
}

export function base64ToEnd(name: string, options?: { readonly mayBeEmpty: boolean }): Field {
  const mayBeEmpty = options?.mayBeEmpty ?? false;
  return {
    name,
    form: BASE64,
    end: mayBeEmpty ? data => data.length : restEnd,
    parse(tokens) {
      const words = tokens.takeWords(BASE64);
      if (!words.ok) return words;
      const bytes = parseBase64(words.value.join(''));
      if (bytes === undefined || (bytes.length === 0 && !mayBeEmpty)) return err(notOf(words.value, BASE64));
      return ok(bytes);
    },
    format: bytes => bytes.toBase64(),
  };
}

/** The key of KEY. RFC 2535 §3.1.2: the first two flags together say that there is none. */
export function keyUnlessFlagged(name: string): Field {
  return {
    ...base64ToEnd(name, { mayBeEmpty: true }),
    form: `${BASE64}, or nothing where the flags say so`,
    end: (data, offset) => (((data[0] ?? 0) & 0xc0) === 0xc0 ? offset : restEnd(data, offset)),
  };
}

/** RFC 5155 §3.3: a length byte and as many bytes, in hexadecimal or `-` for none. */
export function salt(name: string): Field {
  return wordField(name, {
    form: `- or ${HEX}, at most 255 bytes`,
    end: countedEnd(0),
    read: word => counted(word === '-' ? new Uint8Array() : parseNonEmpty(parseHex(word))),
    show: bytes => (bytes.length === 1 ? '-' : upperHex(bytes.subarray(1))),
  });
}

/**
 * The next hashed owner name of NSEC3, whose first byte is the hash algorithm: a length byte and as many bytes, in base32hex without
 * padding (RFC 5155 §3.3). SHA-1, algorithm 1, has 20 of them.
 */
export function hashedOwner(name: string): Field {
  return wordField(name, {
    form: 'a hash of its algorithm in base32hex without padding',
    end: (data, offset) => (data[0] === 1 && data[offset] !== 20 ? MALFORMED : countedEnd(1)(data, offset)),
    read: word => counted(parseNonEmpty(parseBase32hex(word))),
    show: bytes => formatBase32hex(bytes.subarray(1)),
  });
}

/** Bytes in hexadecimal with `-` between them: RFC 7043 §3.2. */
export function hyphenatedBytes(name: string, bytes: number): Field {
  return wordField(name, {
    form: `${bytes} times two hexadecimal digits with - between them`,
    end: fixedEnd(bytes),
    read: word =>
      /^[^-]{2}(-[^-]{2})*$/.test(word) && word.length === bytes * 3 - 1
        ? parseHex(word.replaceAll('-', ''))
        : undefined,
    show: shown => Array.from(shown, byte => formatHex(Uint8Array.of(byte))).join('-'),
  });
}

/** 64 bits as four groups of up to four hexadecimal digits: RFC 6742 §2.1.2. */
export function colonGroups(name: string): Field {
  return wordField(name, {
    form: '4 groups of 1 to 4 hexadecimal digits with : between them',
    end: fixedEnd(8),
    read: word =>
      /^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/i.test(word)
        ? parseHex(
            word
              .split(':')
              .map(group => group.padStart(4, '0'))
              .join(''),
          )
        : undefined,
    show: shown => formatHex(shown).replaceAll(/....(?=.)/g, '$&:'),
  });
}

/** Strict: RFC 4648 §3.5, the bits that padding leaves over are zero. */
export function parseBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' });
  } catch {
    return undefined;
  }
}

export function upperHex(bytes: Uint8Array): string {
  return formatHex(bytes).toUpperCase();
}

function parseHexWords(tokens: TokenReader): Result<Uint8Array, string> {
  const words = tokens.takeWords(HEX);
  if (!words.ok) return words;
  const bytes = parseNonEmpty(parseHex(words.value.join('')));
  return bytes === undefined ? err(notOf(words.value, HEX)) : ok(bytes);
}

function notOf(words: readonly string[], form: string): string {
  return words.length === 0
    ? `it is missing; right would be ${form}`
    : `${JSON.stringify(words.join(' '))} is not ${form}`;
}

function parseNonEmpty(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined || bytes.length === 0 ? undefined : bytes;
}

function counted(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined || bytes.length > 255
    ? undefined
    : concatBytes([Uint8Array.of(bytes.length), bytes]);
}

function countedEnd(min: number): Field['end'] {
  return (data, offset) => {
    const length = data[offset] ?? data.length;
    return length >= min && offset + 1 + length <= data.length ? offset + 1 + length : MALFORMED;
  };
}
