/** Implementation constants of the web service: what bounds it, and why that much. */

/** Request line and header fields: ten times what browsers send; 8,000 octets of target (RFC 9112 §3) and cookies fit. */
export const HEADER_MAX_BYTES = 16 * 1024;

/**
 * A connection without an exchange (handshake, first request, pause between requests, a request that trickles in) is
 * closed after this long: pages come faster, and a slow sender cannot stretch it.
 */
export const IDLE_MAX_MS = 30_000;

/** An exchange that moves no byte for this long is over: mobile networks come back sooner or not at all. */
export const STALL_MAX_MS = 60_000;

/**
 * Where a running exchange has to make room for a visitor, one that took fewer bytes than this a second goes first: whoever reads slowly
 * on purpose has to draw 6.5 MB/s to hold 400 places from his own neighbours. Nobody is cut off while there is room.
 */
export const SLOW_BYTES_PER_SECOND = 16 * 1024;

/** Over this time: buffers on the way empty in lumps, and a mobile phone may be in a tunnel. */
export const RATE_WINDOW_MS = 30_000;

/** A TLS handshake takes two round trips; ten seconds is a bad day on a satellite. */
export const HANDSHAKE_MAX_MS = 10_000;

/** How often idle connections are looked at: precise enough for limits of tens of seconds. */
export const SWEEP_INTERVAL_MS = 1_000;

/** Written at a time: a slow reader holds two of these, one of them encrypted, however large the file. */
export const WRITE_CHUNK_BYTES = 32 * 1024;

/** A static site wants no request content. So much is read and thrown away; whoever sends more is cut off. */
export const REQUEST_CONTENT_MAX_BYTES = 64 * 1024;

/** Content that a web hook or a form brings: what a git host sends about a push is some tens of KiB. */
export const LATER_CONTENT_MAX_BYTES = 1024 * 1024;

/** RFC 9113 §6.5.2 recommends no fewer than 100. */
export const STREAMS_MAX = 100;

/** Pages with thousands of parts fit; then the client opens a new connection, so that none lives for ever. */
export const STREAMS_PER_CONNECTION_MAX = 10_000;

/** nghttp2's and Node's accounts of one HTTP/2 connection, MB: header blocks of 100 streams fit in one. */
export const SESSION_MEMORY_MAX_MB = 2;

/** Header fields a request may have: browsers send about twenty. */
export const HEADER_FIELDS_MAX = 128;

/**
 * Rapid reset (CVE-2023-44487): so many streams may be reset at once and then so many a second; above that the connection ends.
 * A user who leaves a page resets what was loading, at most {@link STREAMS_MAX}.
 */
export const STREAM_RESETS_BURST = 200;
export const STREAM_RESETS_PER_SECOND = 20;

/** Frames that make no sense: a mistaken client makes one, then stops. */
export const INVALID_FRAMES_MAX = 50;
export const REJECTED_STREAMS_MAX = 100;

/** What running exchanges get to end when the service stops (the service contract's five seconds, less the close). */
export const DRAIN_MAX_MS = 4_500;

/** What the end of an answer gets to leave once its exchange has ended and the service stops. */
export const LAST_BYTES_MS = 250;
