const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

/** RFC 4648 §7 without padding, as RFC 5155 §3.3 has it; in upper case. */
export function formatBase32hex(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += DIGITS[(held >> (bits - 5)) & 0x1f];
  }
  return bits === 0 ? text : text + DIGITS[(held << (5 - bits)) & 0x1f];
}

/** The bytes of a text in either case, or undefined where it is no base32hex or has bits left over. */
export function parseBase32hex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[0-9a-v]*$/i.test(text)) return undefined;
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text.toUpperCase()) {
    held = ((held << 5) | DIGITS.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  // RFC 4648 §3.5: a digit that gives no bit to a byte, or bits that are lost, come from no bytes.
  return bits >= 5 || (held & ((1 << bits) - 1)) !== 0 ? undefined : Uint8Array.from(bytes);
}
