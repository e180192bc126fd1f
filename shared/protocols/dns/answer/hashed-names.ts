import { NONE, type CompiledZones } from '../compiled/compiled-zones.ts';
import { HASH_WORDS, ZONE } from '../compiled/layout.ts';

const SHA1_WORDS = 5;
/** RFC 5155 §3.3: 160 bits in base32hex. */
const LABEL_BYTES = 32;
/** In lower case as most servers show it; case is of no matter in a name. */
const DIGITS: Uint8Array = Uint8Array.from('0123456789abcdefghijklmnopqrstuv', digit => digit.charCodeAt(0));

/** The entry of the zone's NSEC3 with this hash, or {@link NONE}. */
export function findHash(zones: CompiledZones, zone: number, hash: Uint32Array): number {
  const entry = lastNotAbove(zones, zone, hash);
  return entry >= zones.zoneWord(zone, ZONE.FIRST_HASH) && compare(zones, entry, hash) === 0 ? entry : NONE;
}

/** RFC 5155 §1.3: the entry of the NSEC3 whose interval the hash is in; the last one's goes round over the end. */
export function findCoveringHash(zones: CompiledZones, zone: number, hash: Uint32Array): number {
  const entry = lastNotAbove(zones, zone, hash);
  return entry >= zones.zoneWord(zone, ZONE.FIRST_HASH) ? entry : zones.zoneWord(zone, ZONE.HASHES_END) - 1;
}

/** The last entry that is not above the hash; one before the zone's first where all are. */
function lastNotAbove(zones: CompiledZones, zone: number, hash: Uint32Array): number {
  let low = zones.zoneWord(zone, ZONE.FIRST_HASH);
  let high = zones.zoneWord(zone, ZONE.HASHES_END);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(zones, middle, hash) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function compare(zones: CompiledZones, entry: number, hash: Uint32Array): number {
  for (let word = 0; word < SHA1_WORDS; word++) {
    const order = (zones.hashes[entry * HASH_WORDS + word] as number) - (hash[word] as number);
    if (order !== 0) return order;
  }
  return 0;
}

export function hashedBlock(zones: CompiledZones, entry: number): number {
  return zones.hashes[entry * HASH_WORDS + SHA1_WORDS] as number;
}

/** Writes the label that an NSEC3's owner begins with; how many bytes. */
export function writeHashedLabel(zones: CompiledZones, entry: number, label: Uint8Array): number {
  label[0] = LABEL_BYTES;
  for (let digit = 0; digit < LABEL_BYTES; digit++) {
    const bit = 5 * digit;
    const word = entry * HASH_WORDS + (bit >>> 5);
    const offset = bit & 31;
    const high = (zones.hashes[word] as number) << offset;
    // A digit of the last word ends with it, so the word behind the hash is never looked into.
    const low = offset > 27 ? (zones.hashes[word + 1] as number) >>> (32 - offset) : 0;
    label[1 + digit] = DIGITS[(high | low) >>> 27] as number;
  }
  return 1 + LABEL_BYTES;
}
