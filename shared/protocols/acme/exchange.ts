import { encodeUtf8 } from '../../base/bytes.ts';
import { parseHttpDate } from '../http/date.ts';
import { signJws, type AcmeSigner } from './jws.ts';

/** What is to be sent, in the words of HTTP. */
export interface AcmeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** What came back. Header names are in lower case. */
export interface AcmeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface SignedPost {
  readonly url: string;
  readonly nonce: string;
  readonly accountUrl?: string;
  /** undefined: a POST-as-GET (RFC 8555 §6.3). */
  readonly payload: object | undefined;
}

// RFC 8555 §6.1: a client sends a User-Agent.
const USER_AGENT = { 'user-agent': 'Lares ACME' } as const;

export function get(url: string): AcmeRequest {
  return { method: 'GET', url, headers: { accept: 'application/json', ...USER_AGENT } };
}

// RFC 8555 §7.2: a HEAD request to newNonce answers with a fresh nonce.
export function head(url: string): AcmeRequest {
  return { method: 'HEAD', url, headers: USER_AGENT };
}

export function post(request: SignedPost, signer: AcmeSigner): AcmeRequest {
  const { payload, ...header } = request;
  return {
    method: 'POST',
    url: request.url,
    // RFC 8555 §6.2: the media type of every JWS; without it the authority answers 415.
    headers: { 'content-type': 'application/jose+json', ...USER_AGENT },
    body: encodeUtf8(JSON.stringify(signJws(header, payload, signer))),
  };
}

// RFC 8555 §6.5.1: base64url; another value is ignored.
export function readNonce({ headers }: AcmeAnswer): string | undefined {
  const nonce = headers['replay-nonce'];
  return nonce !== undefined && /^[A-Za-z0-9_-]+$/.test(nonce) ? nonce : undefined;
}

/** RFC 9110 §10.2.3: seconds, or a date, which is read against the sender's own clock; undefined where there is none. */
export function readRetryAfterMs({ headers }: AcmeAnswer): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const sentMs = readDateMs(headers['date']);
  const retryMs = sentMs === undefined ? undefined : parseHttpDate(text, sentMs);
  return retryMs === undefined || sentMs === undefined ? undefined : Math.max(0, retryMs - sentMs);
}

/** When the authority sent it by its own clock, in milliseconds since 1970 (RFC 9110 §6.6.1). */
export function readSentMs({ headers }: AcmeAnswer): number | undefined {
  return readDateMs(headers['date']);
}

function readDateMs(text: string | undefined): number | undefined {
  // The second argument only resolves two-digit years, which no authority sends.
  return text === undefined ? undefined : parseHttpDate(text, 0);
}
