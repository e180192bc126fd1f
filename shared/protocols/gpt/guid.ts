/**
 * GUIDs as GPT stores them: the first three groups little-endian, the rest in order (UEFI 2.10 appendix A).
 * The text form is the usual one of 36 characters; case does not matter on the way in, lower case comes out.
 */
export const GUID_BYTES = 16;

/** The place in the stored form of each byte of the text form. */
const STORED_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

const GUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The 16 stored bytes of a GUID. Throws a RangeError on text that is no GUID. */
export function encodeGuid(text: string): Uint8Array {
  if (!GUID_PATTERN.test(text))
    throw new RangeError(`"${text}" is not a GUID (8-4-4-4-12 hexadecimal digits)`);
  const digits = text.replaceAll('-', '');
  const bytes = new Uint8Array(GUID_BYTES);
  STORED_ORDER.forEach((place, index) => {
    bytes[place] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  });
  return bytes;
}

/** The text form of 16 stored bytes. */
export function decodeGuid(bytes: Uint8Array): string {
  const digits = STORED_ORDER.map(place => (bytes[place] ?? 0).toString(16).padStart(2, '0')).join('');
  const groups = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ];
  return groups.join('-');
}
