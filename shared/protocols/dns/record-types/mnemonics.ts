import { CLASS_ANY, CLASS_IN, CLASS_NONE, TYPE } from '../message.ts';

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(TYPE));
const MNEMONICS: ReadonlyMap<number, string> = new Map(
  Object.entries(TYPE).map(([mnemonic, type]) => [type, mnemonic]),
);

/** RFC 1035 §3.2.4, RFC 2136 §1.3. */
const CLASSES: ReadonlyMap<string, number> = new Map([
  ['IN', CLASS_IN],
  ['CH', 3],
  ['HS', 4],
  ['NONE', CLASS_NONE],
  ['ANY', CLASS_ANY],
]);

/** The type of a mnemonic in either case, or of `TYPEnnn` (RFC 3597 §5). */
export function typeNumber(mnemonic: string): number | undefined {
  const upper = mnemonic.toUpperCase();
  return NUMBERS.get(upper) ?? numberBehind('TYPE', upper);
}

/** The class of a mnemonic in either case, or of `CLASSnnn` (RFC 3597 §5). */
export function classNumber(mnemonic: string): number | undefined {
  const upper = mnemonic.toUpperCase();
  return CLASSES.get(upper) ?? numberBehind('CLASS', upper);
}

/** The type's mnemonic, or `TYPEnnn` where it has none here. */
export function formatType(type: number): string {
  return MNEMONICS.get(type) ?? `TYPE${type}`;
}

/** RFC 6895 §3.1: whether records of the type hold data, so that they may stand in a zone; 128 to 255 and OPT are for messages. */
export function isDataType(type: number): boolean {
  return type !== 0 && type !== TYPE.OPT && !(type >= 128 && type <= 255);
}

function numberBehind(prefix: string, text: string): number | undefined {
  if (!text.startsWith(prefix) || !/^[0-9]{1,5}$/.test(text.slice(prefix.length))) return undefined;
  const number = Number(text.slice(prefix.length));
  return number <= 0xffff ? number : undefined;
}
