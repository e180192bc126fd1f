import type { Http2Limits } from '../../../shared/protocols/http2/limits.ts';

/** TLS handshakes under way: each may cost a signature, of which a processor makes some thousand in a second. */
export const HANDSHAKES_MAX = 200;
/** Of one IPv4 address or one IPv6 /64: a resolver opens one or two connections. */
export const HANDSHAKES_PER_NETWORK_MAX = 40;

/** Written at a time: one record of TLS. */
export const WRITE_BYTES = 16 * 1024;

/** Contents of requests of one HTTP/2 connection: as long as the two longest messages, or hundreds of queries. */
export const HELD_MAX_BYTES = 128 * 1024;

/** Of the content of a request that is refused, before the answer: clients that are still sending may not read one. */
export const DISCARDED_MAX_BYTES = 1024 * 1024;

/** Of DNS over HTTPS. Streams: as many as RFC 9113 §6.5.2 recommends; a query by GET is a few hundred bytes of header. */
export const HTTP2_LIMITS: Http2Limits = {
  headerBytes: 16 * 1024,
  headerFields: 64,
  streamsMax: 100,
  streamsPerConnectionMax: 10_000,
  // Rapid reset (CVE-2023-44487): resolvers give up few queries.
  resetsBurst: 200,
  resetsPerSecond: 20,
};

/** Request line and header fields by HTTP/1.1; a target holds a query in base64. */
export const HTTP1_HEADER_BYTES = 16 * 1024;
