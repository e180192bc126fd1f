import { lowerByte, type Name } from '../name.ts';

/**
 * A name as a string, so that strings sort as RFC 4034 §6.1 sorts names, equal names (in any case) have equal keys, and
 * the key of a name begins with the keys of those above it.
 */
export function canonicalKey(name: Name): string {
  let key = '';
  // From the right. One is added to every byte, so that the end of a label stands before all of them.
  for (let at = name.length - 1; at >= 0; at--) {
    for (const byte of name[at] as Uint8Array) key += String.fromCharCode(lowerByte(byte) + 1);
    key += LABEL_END;
  }
  return key;
}

/** The key of the name one label up; undefined for the root's. */
export function parentKey(key: string): string | undefined {
  if (key === '') return undefined;
  return key.slice(0, key.lastIndexOf(LABEL_END, key.length - 2) + 1);
}

const LABEL_END = '\u0000';
