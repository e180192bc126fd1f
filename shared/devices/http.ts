/** Long enough for a slow server; who asks wants to know within a minute that none is there. */
export const HTTP_TIMEOUT_DEFAULT_MS: number = 30_000;
/** What is asked for are short documents; whoever wants a file says how long it may be. */
export const HTTP_BODY_MAX_DEFAULT_BYTES: number = 1024 * 1024;

export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** For the whole exchange; the default is {@link HTTP_TIMEOUT_DEFAULT_MS}. */
  readonly timeoutMs?: number;
  /** A longer body fails with `too-large`; the default is {@link HTTP_BODY_MAX_DEFAULT_BYTES}. */
  readonly bodyMaxBytes?: number;
  /** Trust these authorities (PEM) instead of the well-known ones. */
  readonly trustAnchorsPem?: readonly string[];
  /** Trust exactly the certificate with this SHA-256 (lower-case hex of the DER). */
  readonly pinnedSha256?: string;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated fields joined as RFC 9110 §5.3 says, `set-cookie` by newlines. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Outgoing requests. Redirects are not followed: whoever asks decides. */
export interface Http {
  /** @throws DeviceError as for Tcp.connect and Tls.client, `too-large`, `timed-out`; the signal's reason when aborted. */
  request(request: HttpRequest): Promise<HttpResponse>;
}
