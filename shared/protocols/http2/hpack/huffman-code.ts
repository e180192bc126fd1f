/** RFC 7541 §5.2, Appendix B: ends the code; never in a string. */
export const EOS = 256;

/** RFC 7541 Appendix B: bits of the code of each byte, and of EOS. */
export const CODE_BITS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

/**
 * The codes, by symbol. RFC 7541 Appendix B: the code is canonical, so that the lengths tell it: codes of one length follow one another in
 * the order of their symbols, after those of shorter ones.
 */
export const CODES: readonly number[] = canonicalCodes(CODE_BITS);

function canonicalCodes(bits: readonly number[]): number[] {
  const codes = bits.map(() => 0);
  const bySize = bits.map((_, symbol) => symbol).sort((a, b) => bitsOf(bits, a) - bitsOf(bits, b) || a - b);
  let code = 0;
  let length = 0;
  for (const symbol of bySize) {
    code *= 2 ** (bitsOf(bits, symbol) - length);
    length = bitsOf(bits, symbol);
    codes[symbol] = code++;
  }
  return codes;
}

function bitsOf(bits: readonly number[], symbol: number): number {
  return bits[symbol] as number;
}
