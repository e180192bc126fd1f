import { assert } from '../../../base/assert.ts';
import { COOKIE_SECRET_BYTES, COOKIE_SECRETS_AT, HEADER, NSID_AT, NSID_MAX_BYTES } from './layout.ts';

/** The one that cookies are made with, and the one before it, whose cookies are still taken (RFC 9018 §5). */
export interface CookieSecrets {
  /** 16 bytes each. */
  readonly current: Uint8Array;
  readonly previous?: Uint8Array;
}

/** What the planes need to know beside the zones. */
export interface PlaneSettings {
  /** Absent: cookies of clients are not answered. */
  readonly cookieSecrets?: CookieSecrets;
  /** RFC 5001: tells the servers behind one address apart; at most {@link NSID_MAX_BYTES}. */
  readonly nsid?: Uint8Array;
  /** Absent: responses are not limited. */
  readonly rateLimit?: RateLimit;
}

export interface RateLimit {
  /** Responses of one kind to one network (IPv4 /24, IPv6 /56). */
  readonly responsesPerSecond: number;
  /** Of those above, every how many-th goes out truncated, so that a client that is no victim comes by TCP; 0: none. */
  readonly slip: number;
}

export function writeSettings(
  shared: SharedArrayBuffer,
  { cookieSecrets, nsid, rateLimit }: PlaneSettings,
): void {
  const header = new Uint32Array(shared, 0, NSID_AT / 4);
  if (cookieSecrets !== undefined) writeCookieSecrets(shared, cookieSecrets);
  if (nsid !== undefined) {
    assert(nsid.length <= NSID_MAX_BYTES, `an NSID has at most ${NSID_MAX_BYTES} bytes`);
    header[HEADER.NSID_BYTES] = nsid.length;
    new Uint8Array(shared).set(nsid, NSID_AT);
  }
  header[HEADER.RATE_LIMIT] = rateLimit?.responsesPerSecond ?? 0;
  header[HEADER.RATE_SLIP] = rateLimit?.slip ?? 0;
}

/**
 * Changes the secrets while planes run. A plane that reads them meanwhile may make one cookie that is not taken
 * later; its client gets a new one then.
 */
export function writeCookieSecrets(shared: SharedArrayBuffer, { current, previous }: CookieSecrets): void {
  const bytes = new Uint8Array(shared);
  for (const secret of [current, previous ?? current])
    assert(secret.length === COOKIE_SECRET_BYTES, `a cookie secret has ${COOKIE_SECRET_BYTES} bytes`);
  bytes.set(previous ?? current, COOKIE_SECRETS_AT + COOKIE_SECRET_BYTES);
  bytes.set(current, COOKIE_SECRETS_AT);
  new Uint32Array(shared, 0, NSID_AT / 4)[HEADER.HAS_COOKIE_SECRETS] = 1;
}
