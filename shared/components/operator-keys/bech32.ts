import { err, ok, type Result } from '../../base/result.ts';

/** BIP 173's alphabet, as age uses it for recipients and identities. */
const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_SYMBOLS = 6;

/** BIP 173 without its limit of 90 characters, as age does. `prefix` is lower case. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const symbols = regroup(bytes, 8, 5, true) ?? [];
  const checksum = checksumOf(prefix, symbols);
  return `${prefix}1${[...symbols, ...checksum].map(symbol => ALPHABET[symbol]).join('')}`;
}

/** The prefix (lower case) and the bytes; the text may be all upper or all lower case. */
export function decodeBech32(
  text: string,
): Result<{ prefix: string; bytes: Uint8Array<ArrayBuffer> }, string> {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return err('mixes upper and lower case');
  const separator = lower.lastIndexOf('1');
  if (separator < 1 || separator + 1 + CHECKSUM_SYMBOLS > lower.length) return err('is not Bech32');
  const prefix = lower.slice(0, separator);
  const symbols = Array.from(lower.slice(separator + 1), letter => ALPHABET.indexOf(letter));
  if (symbols.includes(-1)) return err('has a letter that Bech32 does not use');
  if (polymod([...expandPrefix(prefix), ...symbols]) !== 1)
    return err('has a typing error (its checksum is wrong)');
  const bytes = regroup(symbols.slice(0, -CHECKSUM_SYMBOLS), 5, 8, false);
  return bytes === undefined
    ? err('is not a whole number of bytes')
    : ok({ prefix, bytes: Uint8Array.from(bytes) });
}

function polymod(values: readonly number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of GENERATOR.entries()) if ((top >>> bit) & 1) checksum ^= generator;
  }
  return checksum >>> 0;
}

function expandPrefix(prefix: string): number[] {
  const codes = Array.from(prefix, letter => letter.charCodeAt(0));
  return [...codes.map(code => code >>> 5), 0, ...codes.map(code => code & 31)];
}

function checksumOf(prefix: string, symbols: readonly number[]): number[] {
  const rest = polymod([...expandPrefix(prefix), ...symbols, 0, 0, 0, 0, 0, 0]) ^ 1;
  return Array.from({ length: CHECKSUM_SYMBOLS }, (_, index) => (rest >>> (5 * (5 - index))) & 31);
}

/** Regroups bits; undefined where unpadded input leaves bits over or they are not zero. */
function regroup(values: Iterable<number>, from: number, to: number, pad: boolean): number[] | undefined {
  const groups: number[] = [];
  let bits = 0;
  let held = 0;
  for (const value of values) {
    held = ((held << from) | value) & 0xfff;
    for (bits += from; bits >= to; bits -= to) groups.push((held >>> (bits - to)) & ((1 << to) - 1));
  }
  const rest = (held << (to - bits)) & ((1 << to) - 1);
  if (pad && bits > 0) groups.push(rest);
  return !pad && (bits >= from || rest !== 0) ? undefined : groups;
}
