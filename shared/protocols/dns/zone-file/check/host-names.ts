import { lowerByte, type Name } from '../../name.ts';

/** A wildcard stands for hosts; `gc._msdcs` is what Windows calls the servers of its directory. */
export function isHostOwner(owner: Name): boolean {
  if (isWildcard(owner[0])) return isHostName(owner.slice(1));
  return (
    isHostName(owner) ||
    (isLabel(owner[0], 'gc') && isLabel(owner[1], '_msdcs') && isHostName(owner.slice(2)))
  );
}

/** RFC 952 and RFC 1123 §2.1: letters, digits and hyphens within. */
export function isHostName(name: Name): boolean {
  for (const label of name) {
    for (const byte of label) if (byte !== HYPHEN && !isLetterOrDigit(byte)) return false;
    if (label[0] === HYPHEN || label.at(-1) === HYPHEN) return false;
  }
  return true;
}

function isLetterOrDigit(byte: number): boolean {
  const low = lowerByte(byte);
  return (low >= 0x61 && low <= 0x7a) || (low >= 0x30 && low <= 0x39);
}

const HYPHEN = 0x2d;
const ASTERISK = 0x2a;

export function isWildcard(label: Uint8Array | undefined): boolean {
  return label?.length === 1 && label[0] === ASTERISK;
}

export function isLabel(label: Uint8Array | undefined, text: string): boolean {
  return label !== undefined && String.fromCharCode(...label.map(lowerByte)) === text;
}
