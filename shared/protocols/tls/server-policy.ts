/**
 * What servers agree to: Mozilla's "intermediate" (server-side TLS 5.7) without its finite-field DHE, which no client of this decade
 * needs. All have forward secrecy and authenticated encryption. The order is the client's to choose, so that a phone without AES in
 * hardware takes ChaCha20. Names as OpenSSL has them.
 */

/** Of TLS 1.3 (RFC 8446 §B.4). */
export const SERVER_SUITES: readonly string[] = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
];

/** Of TLS 1.2. */
export const SERVER_CIPHERS: readonly string[] = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

/** For the key exchange: the post-quantum hybrid first, then the curves that all clients know. */
export const SERVER_GROUPS: readonly string[] = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384'];
