import { err, ok, type Result } from '../../../base/result.ts';
import type { TokenReader } from './tokens.ts';

/** What a name in a record's data means to those who handle the data without knowing its type. */
export interface NameRules {
  /** RFC 3597 §4: names in the types of RFC 1035 may be written compressed. */
  readonly compressible: boolean;
  /** RFC 3597 §4: names in these and some later types may come compressed. */
  readonly decompress: boolean;
  /** RFC 4034 §6.2, as amended by RFC 6840 §5.1: in canonical form the name is in lower case. */
  readonly lowerCase: boolean;
}

/** One field of a type's data. */
export interface Field {
  /** In the words of its RFC. */
  readonly name: string;
  /** What a right one looks like, for messages. */
  readonly form: string;
  /** Only where the whole field is one domain name. */
  readonly rules?: NameRules;
  /** The offset after the field that begins at `offset`, or {@link MALFORMED}; never beyond the data. */
  end(data: Uint8Array, offset: number): number;
  /** Takes the field's tokens. `before`: the bytes of the fields before it. */
  parse(tokens: TokenReader, before: readonly Uint8Array[]): Result<Uint8Array, string>;
  /** The text of `bytes`, for which `end` found no fault; `before`: the data up to them. */
  format(bytes: Uint8Array, before: Uint8Array): string;
}

export const MALFORMED = -1;

/** How a field of one word is read and shown. */
interface WordForm {
  readonly form: string;
  readonly end: Field['end'];
  /** undefined where the word is not of the form. */
  readonly read: (word: string) => Uint8Array | undefined;
  readonly show: (bytes: Uint8Array) => string;
}

/** A field of exactly one unquoted word. */
export function wordField(name: string, { form, end, read, show }: WordForm): Field {
  return {
    name,
    form,
    end,
    parse(tokens) {
      const word = tokens.takeWord(form);
      if (!word.ok) return word;
      const bytes = read(word.value);
      return bytes === undefined ? err(`${JSON.stringify(word.value)} is not ${form}`) : ok(bytes);
    },
    format: show,
  };
}

/** For `end` of a field that always takes the same number of bytes. */
export function fixedEnd(bytes: number): Field['end'] {
  return (data, offset) => (offset + bytes <= data.length ? offset + bytes : MALFORMED);
}

/** For `end` of a field that takes whatever is left, which must be something. */
export function restEnd(data: Uint8Array, offset: number): number {
  return offset < data.length ? data.length : MALFORMED;
}
