import { CLASS_ANY, CLASS_IN, CLASS_NONE, TYPE } from '../message.ts';

/**
 * Mnemonics of IANA's registry for types whose data has no row in the table. They are read, in bit maps above all; what is written
 * is `TYPEnnn`, which every reader knows.
 */
const OTHER_TYPES: Readonly<Record<string, number>> = {
  NULL: 10,
  WKS: 11,
  X25: 19,
  ISDN: 20,
  NSAP: 22,
  'NSAP-PTR': 23,
  GPOS: 27,
  NXT: 30,
  EID: 31,
  NIMLOC: 32,
  ATMA: 34,
  A6: 38,
  SINK: 40,
  NINFO: 56,
  RKEY: 57,
  TALINK: 58,
  UINFO: 100,
  UID: 101,
  GID: 102,
  UNSPEC: 103,
  DOA: 259,
  AMTRELAY: 260,
  RESINFO: 261,
  WALLET: 262,
  CLA: 263,
  IPN: 264,
  TA: 32_768,
  DLV: 32_769,
};

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(TYPE),
  ...Object.entries(OTHER_TYPES),
]);
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
