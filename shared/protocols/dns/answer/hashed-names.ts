import { NONE, type CompiledZone } from '../compiled/compiled-zone.ts';
import { HASH_WORDS } from '../compiled/layout.ts';

const SHA1_WORDS = 5;
/** RFC 5155 §3.3: 160 bits in base32hex. */
const LABEL_BYTES = 32;
/** In lower case as most servers show it; case is of no matter in a name. */
const DIGITS: Uint8Array = Uint8Array.from('0123456789abcdefghijklmnopqrstuv', digit => digit.charCodeAt(0));

/** The entry of the zone's NSEC3 with this hash, or {@link NONE}. */
export function findHash(zone: CompiledZone, hash: Uint32Array): number {
  const entry = lastNotAbove(zone, hash);
  return entry !== NONE && compare(zone, entry, hash) === 0 ? entry : NONE;
}

/** RFC 5155 §1.3: the entry of the NSEC3 whose interval the hash is in; the last one's goes round over the end. */
export function findCoveringHash(zone: CompiledZone, hash: Uint32Array): number {
  const entry = lastNotAbove(zone, hash);
  return entry === NONE ? zone.hashCount - 1 : entry;
}

/** The last entry that is not above the hash, or {@link NONE} where all are. */
function lastNotAbove(zone: CompiledZone, hash: Uint32Array): number {
  let low = 0;
  let high = zone.hashCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(zone, middle, hash) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function compare(zone: CompiledZone, entry: number, hash: Uint32Array): number {
  for (let word = 0; word < SHA1_WORDS; word++) {
    const order = (zone.hashes[entry * HASH_WORDS + word] as number) - (hash[word] as number);
    if (order !== 0) return order;
  }
  return 0;
}

export function hashedBlock(zone: CompiledZone, entry: number): number {
  return zone.hashes[entry * HASH_WORDS + SHA1_WORDS] as number;
}

/** Writes the label that an NSEC3's owner begins with; how many bytes. */
export function writeHashedLabel(zone: CompiledZone, entry: number, label: Uint8Array): number {
  label[0] = LABEL_BYTES;
  for (let digit = 0; digit < LABEL_BYTES; digit++) {
    const bit = 5 * digit;
    const word = entry * HASH_WORDS + (bit >>> 5);
    const offset = bit & 31;
    const high = (zone.hashes[word] as number) << offset;
    // A digit of the last word ends with it, so the word behind the hash is never looked into.
    const low = offset > 27 ? (zone.hashes[word + 1] as number) >>> (32 - offset) : 0;
    label[1 + digit] = DIGITS[(high | low) >>> 27] as number;
  }
  return 1 + LABEL_BYTES;
}
