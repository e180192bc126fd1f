/** RFC 7858 §7.1: DNS over TLS in ALPN, by which it is told apart from others on one port. */
export const DOT = 'dot';
