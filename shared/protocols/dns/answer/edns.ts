/** Options of the OPT record: RFC 5001, RFC 7873, RFC 7828, RFC 7830, RFC 8914. */
export const EDNS_OPTION = {
  NSID: 3,
  COOKIE: 10,
  TCP_KEEPALIVE: 11,
  PADDING: 12,
  EXTENDED_ERROR: 15,
} as const;

/** Flags of the OPT record: RFC 3225 §3 (DNSSEC answers), RFC 9824 §5.1 (compact answers). */
export const EDNS_FLAG = { DO: 0x8000, CO: 0x4000 } as const;

/** RFC 6891 §6.1.2: root, type, payload size, extended flags, length of the options. */
export const OPT_FIXED_BYTES = 11;
/** RFC 6891 §6.1.2: option code and length. */
export const OPTION_FIXED_BYTES = 4;
/** RFC 8467 §4.1: answers over encrypted transports are padded to a multiple of it. */
export const PADDING_BLOCK_BYTES = 468;
/** Passes most links unfragmented (IPv6's least MTU of 1,280 bytes less the headers): fragments get lost and forged. */
export const DATAGRAM_MAX_BYTES = 1_232;
