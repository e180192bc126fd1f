/** FNV-1a over a name's wire form root first and in lower case, so that every ancestor's hash is met on the way. */
export const NAME_HASH_START: number = 0x811c_9dc5 | 0;
const PRIME = 0x0100_0193;

export function addToHash(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, PRIME);
}

/** What a table is probed by: FNV's low bits are weak. */
export function scatterHash(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

/** Another one for each `salt`. */
export function mixHash(hash: number, salt: number): number {
  return scatterHash(hash ^ Math.imul(salt, 0x9e37_79b1));
}
