/**
 * The layout of compiled zones: README.md shows it as a whole. Every part is reached through typed arrays that begin at
 * the part, so the numbers here are indexes of 32-bit words unless they say otherwise.
 */

/** Words of a zone's header. `…_AT`: the byte at which a part begins in its buffer. */
export const ZONE = {
  NODES_AT: 0,
  NODE_COUNT: 1,
  NODE_SLOTS_AT: 2,
  NODE_SLOT_COUNT: 3,
  HASHES_AT: 4,
  HASH_COUNT: 5,
  HEAP_AT: 6,
  /** Labels of the apex. */
  DEPTH: 7,
  /** The apex root first: where in the heap, and how many bytes. */
  APEX: 8,
  APEX_BYTES: 9,
  /** The block of the SOA as negative answers carry it (RFC 2308 §3). */
  NEGATIVE_SOA: 10,
  /** See {@link DENIAL}. */
  DENIAL: 11,
  ITERATIONS: 12,
  SALT: 13,
  SALT_BYTES: 14,
  WORDS: 16,
} as const;
export const ZONE_HEADER_BYTES: number = 4 * ZONE.WORDS;

/** Words of the directory's header. Its entries, slots and names follow it. */
export const DIRECTORY = {
  ZONE_COUNT: 0,
  SLOTS_AT: 1,
  SLOT_COUNT: 2,
  NAMES_AT: 3,
  /** Responses a second that one network gets of one kind; 0: as many as it likes. */
  RATE_LIMIT: 4,
  /** Every how many-th limited response goes out truncated; 0: none. */
  RATE_SLIP: 5,
  NSID_BYTES: 6,
  HAS_COOKIE_SECRETS: 7,
} as const;

/** Bytes of the directory's header: the words above, two cookie secrets, the NSID. */
export const COOKIE_SECRETS_AT = 64;
export const COOKIE_SECRET_BYTES = 16;
export const NSID_AT = 96;
/** Ours: long enough for any host name in text, short enough to stand in every answer. */
export const NSID_MAX_BYTES = 64;
export const DIRECTORY_HEADER_BYTES: number = NSID_AT + NSID_MAX_BYTES;

/** Words of a zone's entry in the directory: where its apex stands, root first, behind NAMES_AT, and how many bytes it has. */
export const ENTRY = { NAME: 0, NAME_BYTES: 1, WORDS: 2 } as const;

/** How the zone proves that something is not there. */
export const DENIAL = { NONE: 0, NSEC: 1, NSEC3: 2, COMPACT: 3 } as const;

/** Words of a node. Nodes of a zone stand in canonical order, so those below a node are the ones that follow it. */
export const NODE = {
  /** In the heap: the name below the apex, root first, padded; then the blocks of the node's RRsets. */
  HEAP: 0,
  /** Bytes of the name (8 bits), {@link NODE_FLAG} (8 bits), number of blocks (16 bits). */
  INFO: 1,
  /** The node `*` directly below, or 0: the first node of all is an apex, never a wildcard. */
  WILDCARD: 2,
  /** The first node that is not below this one. */
  END: 3,
  WORDS: 4,
} as const;

export const NODE_FLAG = { CUT: 1, DNAME: 2 } as const;

/** A slot of the hash tables: the mixed hash, and the number of the zone or node plus 1. */
export const SLOT_WORDS = 2;

/** An NSEC3: its hash as five big-endian numbers, then its block. Sorted within a zone. */
export const HASH_WORDS = 6;

/**
 * An RRset, ready to be copied. First 16-bit numbers, then two 32-bit ones; behind these the links, the fix-ups, the records and
 * the records of their signatures.
 */
export const BLOCK = {
  TYPE: 0,
  RECORDS: 1,
  SIGNATURES: 2,
  LINKS: 3,
  FIXUPS: 4,
  /** Where in a message the apex stands when the question is the RRset's owner: compressed names point there. */
  APEX_POSITION: 5,
} as const;
export const BLOCK_RECORDS_BYTES = 12;
export const BLOCK_SIGNATURES_BYTES = 16;
export const BLOCK_BYTES = 20;

/** A link to the addresses of a name in the data (RFC 1035 §3.3: "additional section processing"), in words. */
export const LINK = {
  /** Where the name stands in the records (16 bits), and {@link LINK_FLAG}. */
  NAME: 0,
  /** The blocks of the A and AAAA RRsets, or 0. */
  A: 1,
  AAAA: 2,
  WORDS: 3,
} as const;

export const LINK_FLAG = {
  /** RFC 9471 §3.1: glue for a name server below the cut, without which the delegation leads nowhere. */
  NEEDED: 1,
  /** The name is the RRset's own owner (RFC 9460 §2.5: the target `.`). */
  OWNER: 2,
} as const;

/** The next multiple of four: blocks and their 32-bit parts are aligned. */
export function aligned(bytes: number): number {
  return (bytes + 3) & ~3;
}
