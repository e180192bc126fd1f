/** Implementation constants of the front. */

/**
 * From a connection's first moment until its owner has it, TLS handshake included: that takes two or three round trips, and ten
 * seconds are a bad day on a satellite.
 */
export const OPENING_MAX_MS = 10_000;

/**
 * Connections of which the first bytes are still awaited. A visitor's come with one round trip, so thousands a second fit; above that
 * the one that has said nothing for longest makes room. Each may hold CLIENT_HELLO_MAX_BYTES.
 */
export const OPENINGS_MAX = 2_000;

/** What a refusal gets to arrive: closing at once could overtake it. */
export const REFUSAL_MAX_MS = 1_000;
