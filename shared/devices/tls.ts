import type { Flow } from './tcp.ts';

/** A certificate chain and its private key, PEM. The key text is a secret: never logged, never in an image. */
export interface TlsCredentials {
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
}

/** A flow inside TLS. `end()` sends close_notify before it half-closes the flow below. */
export interface TlsFlow extends Flow {
  /** The protocol agreed by ALPN (RFC 7301), or false. */
  readonly alpnProtocol: string | false | null;
  /** The server name the client asked for (RFC 6066 §3), if any. */
  readonly servername?: string | false | null | undefined;
  /** The version as OpenSSL names it, such as 'TLSv1.3'. */
  getProtocol(): string | null;
  /** On a flow that this side accepted: the certificate whose key the client proved to hold, if it gave one. */
  getPeerX509Certificate?(): { readonly raw: Uint8Array } | undefined;
}

/** Two round trips and a signature: whoever takes longer is not there, or holds a place on purpose. */
export const HANDSHAKE_TIMEOUT_DEFAULT_MS: number = 10_000;

export interface TlsServerOptions {
  /**
   * Asked at every handshake, so a new certificate is live at once and old flows keep theirs. `serverName` is lower case.
   * undefined refuses the handshake with `unrecognized_name`.
   */
  readonly credentialsFor: (serverName: string | undefined) => TlsCredentials | undefined;
  /** In order of preference. A client that offers none of them is refused; one that sends no ALPN is taken. */
  readonly alpnProtocols: readonly string[];
  /** Ask for a client certificate signed by these (PEM) and refuse others; absent: none is asked for. */
  readonly clientAuthoritiesPem?: readonly string[];
  /**
   * 'ask' names the authorities above (or none) in the request but takes every client, also one without a certificate:
   * whoever serves the flow judges {@link TlsFlow.getPeerX509Certificate}. The default is 'require'.
   */
  readonly clientCertificates?: 'require' | 'ask';
  /** Ends the handshake and the flow after this long; the default is {@link HANDSHAKE_TIMEOUT_DEFAULT_MS}. */
  readonly handshakeTimeoutMs?: number;
}

export interface TlsClientOptions {
  /** Sent as SNI and checked against the certificate (RFC 9525). */
  readonly serverName: string;
  readonly alpnProtocols?: readonly string[];
  /** Trust these (PEM) instead of the well-known authorities. */
  readonly trustAnchorsPem?: readonly string[];
  /** Trust exactly the certificate with this SHA-256 (lower-case hex of the DER) and no other. */
  readonly pinnedSha256?: string;
  readonly credentials?: TlsCredentials;
  /** The oldest version that is taken; the default is TLS 1.2. */
  readonly versionMin?: 'TLSv1.3';
  readonly handshakeTimeoutMs?: number;
}

/**
 * TLS 1.2 and 1.3 over any flow. The returned flow owns the one given: closing either closes both.
 * @throws DeviceError `handshake-failed`, `not-trusted` or `timed-out` for what the peer did, `failed` for what it cannot help:
 * `credentialsFor` threw, or gave what is no certificate with its key. The flow below is then destroyed.
 */
export interface Tls {
  server(flow: Flow, options: TlsServerOptions): Promise<TlsFlow>;
  client(flow: Flow, options: TlsClientOptions): Promise<TlsFlow>;
}
