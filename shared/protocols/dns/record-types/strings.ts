import { concatBytes, encodeUtf8 } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { MALFORMED, restEnd, wordField, type Field } from './field.ts';
import { hasQuoteInside, type TokenReader } from './tokens.ts';

const STRING_MAX_BYTES = 255;
const FORM = `a text of at most ${STRING_MAX_BYTES} bytes, in quotes where it has blanks`;

/** What is wrong where {@link unescapeText} gives nothing. */
export const ESCAPE_FAULT = 'a backslash stands before one character or three digits up to 255';

/** RFC 1035 §3.3: a length byte and as many bytes. */
export function characterString(name: string): Field {
  return { name, form: FORM, end: stringEnd, parse: parseString, format: formatStrings };
}

/** One or more of them, to the end of the data: RFC 1035 §3.3.14. */
export function characterStrings(name: string): Field {
  return {
    name,
    form: `one or more texts of at most ${STRING_MAX_BYTES} bytes`,
    end(data, offset) {
      if (offset === data.length) return MALFORMED;
      while (offset !== MALFORMED && offset < data.length) offset = stringEnd(data, offset);
      return offset;
    },
    parse(tokens) {
      const strings: Uint8Array[] = [];
      do {
        const string = parseString(tokens);
        if (!string.ok) return string;
        strings.push(string.value);
      } while (!tokens.isAtEnd);
      return ok(concatBytes(strings));
    },
    format: formatStrings,
  };
}

/** A text without a length, to the end of the data, of any length: RFC 8659 §4.1. */
export function textToEnd(name: string): Field {
  return { name, form: 'a text', end: data => data.length, parse: takeText, format: quoteText };
}

/** RFC 7553 §4.4 and §4.5: as {@link textToEnd}, but not empty, and always in quotes in a master file. */
export function quotedTextToEnd(name: string): Field {
  return {
    ...textToEnd(name),
    form: 'a text in quotes that is not empty',
    end: restEnd,
    parse(tokens) {
      const token = tokens.take();
      return token?.quoted === true
        ? unescaped(token.text)
        : err(`${token === undefined ? 'it' : token.text} is not a text in quotes`);
    },
  };
}

/** RFC 8659 §4.1: a length byte, then letters and digits of ASCII, at least one. */
export function tag(name: string): Field {
  return wordField(name, {
    form: `1 to ${STRING_MAX_BYTES} letters and digits`,
    end(data, offset) {
      const end = stringEnd(data, offset);
      return end > offset + 1 && isAlphanumeric(data.subarray(offset + 1, end)) ? end : MALFORMED;
    },
    read: word =>
      /^[0-9a-z]{1,255}$/i.test(word)
        ? concatBytes([Uint8Array.of(word.length), encodeUtf8(word)])
        : undefined,
    show: bytes => String.fromCharCode(...bytes.subarray(1)),
  });
}

function isAlphanumeric(bytes: Uint8Array): boolean {
  return /^[0-9a-z]*$/i.test(String.fromCharCode(...bytes));
}

function stringEnd(data: Uint8Array, offset: number): number {
  const end = offset + 1 + (data[offset] ?? 0);
  return end <= data.length ? end : MALFORMED;
}

function parseString(tokens: TokenReader): Result<Uint8Array, string> {
  const text = takeText(tokens);
  if (!text.ok) return text;
  if (text.value.length > STRING_MAX_BYTES)
    return err(`a text of ${text.value.length} bytes; right would be several of at most ${STRING_MAX_BYTES}`);
  return ok(concatBytes([Uint8Array.of(text.value.length), text.value]));
}

function takeText(tokens: TokenReader): Result<Uint8Array, string> {
  const token = tokens.take();
  if (token === undefined) return err('it is missing; right would be a text, "" where it is empty');
  if (hasQuoteInside(token))
    return err(`${JSON.stringify(token.text)} has a quotation mark without a backslash`);
  return unescaped(token.text);
}

function unescaped(text: string): Result<Uint8Array, string> {
  const bytes = unescapeText(text);
  return bytes === undefined ? err(`${JSON.stringify(text)}: ${ESCAPE_FAULT}`) : ok(bytes);
}

function formatStrings(bytes: Uint8Array): string {
  const texts: string[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const end = stringEnd(bytes, offset);
    texts.push(quoteText(bytes.subarray(offset + 1, end)));
    offset = end;
  }
  return texts.join(' ');
}

/** The bytes of a text with the escapes of RFC 1035 §5.1, `\X` and `\DDD`; characters beyond ASCII as UTF-8. */
export function unescapeText(text: string): Uint8Array | undefined {
  if (!text.includes('\\')) return encodeUtf8(text);
  const parts: Uint8Array[] = [];
  // What is no escape and no plain text is one backslash too many or a number above 255.
  for (const [, plain, digits, character, other] of text.matchAll(
    /([^\\]+)|\\([0-9]{3})|\\([^0-9])|(.)/gsu,
  )) {
    if (other !== undefined || Number(digits ?? 0) > 255) return undefined;
    parts.push(digits === undefined ? encodeUtf8(plain ?? character ?? '') : Uint8Array.of(Number(digits)));
  }
  return concatBytes(parts);
}

/** The bytes as a quoted text of a master file: {@link unescapeText} of what is between the quotes gives them back. */
export function quoteText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') text += `\\${character}`;
    else text += byte < 0x20 || byte > 0x7e ? `\\${String(byte).padStart(3, '0')}` : character;
  }
  return `"${text}"`;
}
