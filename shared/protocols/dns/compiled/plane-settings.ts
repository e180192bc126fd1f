import { assert } from '../../../base/assert.ts';
import type { PlaneShared } from '../../../devices/udp.ts';
import { COOKIE_SECRET_BYTES, COOKIE_SECRETS_AT, DIRECTORY, NSID_AT, NSID_MAX_BYTES } from './layout.ts';

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
  /** A table of `createQueryCounts` that queries are counted in; absent: one that nobody sees. */
  readonly counts?: SharedArrayBuffer;
  /** Absent: responses are not limited. */
  readonly rateLimit?: RateLimit;
}

export interface RateLimit {
  /** Responses of one kind to one network (IPv4 /24, IPv6 /56). */
  readonly responsesPerSecond: number;
  /** Of those above, every how many-th goes out truncated, so that a client that is no victim comes by TCP; 0: none. */
  readonly slip: number;
}

export function writeSettings(shared: PlaneShared, { cookieSecrets, nsid, rateLimit }: PlaneSettings): void {
  const directory = directoryOf(shared);
  const header = new Uint32Array(directory, 0, NSID_AT / 4);
  if (cookieSecrets !== undefined) writeCookieSecrets(shared, cookieSecrets);
  if (nsid !== undefined) {
    assert(nsid.length <= NSID_MAX_BYTES, `an NSID has at most ${NSID_MAX_BYTES} bytes`);
    header[DIRECTORY.NSID_BYTES] = nsid.length;
    new Uint8Array(directory).set(nsid, NSID_AT);
  }
  header[DIRECTORY.RATE_LIMIT] = rateLimit?.responsesPerSecond ?? 0;
  header[DIRECTORY.RATE_SLIP] = rateLimit?.slip ?? 0;
}

/**
 * Changes the secrets while planes run. A plane that reads them meanwhile may make one cookie that is not taken
 * later; its client gets a new one then.
 */
export function writeCookieSecrets(shared: PlaneShared, { current, previous }: CookieSecrets): void {
  const directory = directoryOf(shared);
  const bytes = new Uint8Array(directory);
  for (const secret of [current, previous ?? current])
    assert(secret.length === COOKIE_SECRET_BYTES, `a cookie secret has ${COOKIE_SECRET_BYTES} bytes`);
  bytes.set(previous ?? current, COOKIE_SECRETS_AT + COOKIE_SECRET_BYTES);
  bytes.set(current, COOKIE_SECRETS_AT);
  new Uint32Array(directory, 0, NSID_AT / 4)[DIRECTORY.HAS_COOKIE_SECRETS] = 1;
}

/** The part of what is shared that settings and names of zones stand in. */
export function directoryOf([directory]: PlaneShared): SharedArrayBuffer {
  assert(directory !== undefined, 'what the DNS planes share begins with its directory');
  return directory;
}
