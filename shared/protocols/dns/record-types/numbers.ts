import { viewOf } from '../../../base/bytes.ts';
import { parseSeconds } from '../seconds.ts';
import { fixedEnd, wordField, type Field } from './field.ts';
import { formatType, typeNumber } from './mnemonics.ts';

/** Numbers that may be written by a name instead, in either case. */
type Mnemonics = Readonly<Record<string, number>>;

export function u8(name: string, mnemonics?: Mnemonics): Field {
  return unsigned(name, 1, mnemonics);
}

export function u16(name: string, mnemonics?: Mnemonics): Field {
  return unsigned(name, 2, mnemonics);
}

export function u32(name: string): Field {
  return unsigned(name, 4);
}

/** 32 bits of seconds, which BIND's units may be used for. */
export function seconds(name: string): Field {
  return wordField(name, {
    form: 'a number of seconds up to 4294967295, or one in units such as 1h30m',
    end: fixedEnd(4),
    read: word => encode(parseSeconds(word), 4),
    show: bytes => String(decode(bytes)),
  });
}

/** A record type as a number of 16 bits. RFC 2535 §7.2: behind SIG, BIND writes a type without a mnemonic as a bare number. */
export function recordType(name: string): Field {
  return wordField(name, {
    form: "a record type's mnemonic or TYPE and its number",
    end: fixedEnd(2),
    read: word => encode(typeNumber(/^[0-9]/.test(word) ? `TYPE${word}` : word), 2),
    show: bytes => formatType(decode(bytes)),
  });
}

function unsigned(name: string, bytes: 1 | 2 | 4, mnemonics: Mnemonics = {}): Field {
  const max = 2 ** (bytes * 8) - 1;
  const names = Object.keys(mnemonics);
  return wordField(name, {
    form: `a number from 0 to ${max}${names.length === 0 ? '' : ` or one of ${names.join(', ')}`}`,
    end: fixedEnd(bytes),
    read(word) {
      if (/^[0-9]{1,10}$/.test(word)) return Number(word) <= max ? encode(Number(word), bytes) : undefined;
      return encode(mnemonics[word.toUpperCase()], bytes);
    },
    show: shown => String(decode(shown)),
  });
}

function encode(value: number | undefined, bytes: 1 | 2 | 4): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const encoded = new Uint8Array(4);
  viewOf(encoded).setUint32(0, value);
  return encoded.subarray(4 - bytes);
}

function decode(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
