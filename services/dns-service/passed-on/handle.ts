/** Who asks, and by which way. */
export interface Peer {
  /** The address in 16 bytes, IPv4 as ::ffff:a.b.c.d. */
  readonly source: Uint8Array;
  readonly transport: 'udp' | 'tcp' | 'tls' | 'https';
  /** As OpenSSL names it; absent where there is no TLS, or it ended elsewhere. */
  readonly tlsVersion?: string;
}

/** What is sent in answer to one message, in its order; nothing: no answer. Taken only as the peer reads: a transfer is made as it leaves. */
export type Replies = Iterable<Uint8Array>;

/** Never throws and never rejects. `message` is the handler's. By UDP and HTTPS there is at most one reply. */
export type Handle = (message: Uint8Array, peer: Peer) => Replies | Promise<Replies>;
