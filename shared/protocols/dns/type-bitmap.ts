import { concatBytes } from '../../base/bytes.ts';

/** A window of 256 types takes at most 32 bytes: RFC 4034 §4.1.2. */
const WINDOW_MAX_BYTES = 32;

/** The type bit map of NSEC, NSEC3 and CSYNC: RFC 4034 §4.1.2. Order and repetition of `types` do not matter. */
export function encodeTypeBitmap(types: Iterable<number>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let window = -1;
  let bits = new Uint8Array();
  for (const type of [...new Set(types)].sort((left, right) => left - right)) {
    if (type >>> 8 !== window) {
      window = type >>> 8;
      bits = new Uint8Array(WINDOW_MAX_BYTES);
      // Windows without a type are left out, so each begins with the first type that stands in it.
      parts.push(Uint8Array.of(window, 0), bits);
    }
    const octet = (type & 0xff) >>> 3;
    (bits[octet] as number) |= 0x80 >>> (type & 7);
    // Trailing zero octets are left out: the types come in ascending order, so this octet is the last one yet.
    (parts.at(-2) as Uint8Array)[1] = octet + 1;
    parts[parts.length - 1] = bits.subarray(0, octet + 1);
  }
  return concatBytes(parts);
}

/** The types of a bit map in ascending order, or undefined where its form is not that of RFC 4034 §4.1.2. */
export function decodeTypeBitmap(bitmap: Uint8Array): number[] | undefined {
  const types: number[] = [];
  let previous = -1;
  for (let offset = 0; offset < bitmap.length;) {
    const [window = 0, length = 0] = bitmap.subarray(offset, offset + 2);
    const octets = bitmap.subarray(offset + 2, offset + 2 + length);
    if (window <= previous || length < 1 || length > WINDOW_MAX_BYTES || octets.length !== length)
      return undefined;
    // Windows ascend, and zero octets at the end of one MUST be omitted.
    if (octets[length - 1] === 0) return undefined;
    for (let bit = 0; bit < length * 8; bit++)
      if (((octets[bit >>> 3] as number) & (0x80 >>> (bit & 7))) !== 0) types.push((window << 8) | bit);
    previous = window;
    offset += 2 + length;
  }
  return types;
}
