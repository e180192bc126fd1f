import type { Directory } from '../compiled/directory.ts';
import { COOKIE_SECRET_BYTES, COOKIE_SECRETS_AT, DIRECTORY } from '../compiled/layout.ts';
import type { Query } from './query.ts';
import type { Exchange } from './exchange.ts';
import { SipHash } from './siphash.ts';

/** RFC 9018 §4: the client's part, then version, three reserved bytes, time and hash. */
const CLIENT_BYTES = 8;
const HASHED_BYTES = 16;
export const COOKIE_BYTES = 24;
const VERSION = 1;
const IPV4_MAPPED_BYTES = 12;
const IPV6_BYTES = 16;

// RFC 9018 §4.3: how old a cookie may be, from when on it is replaced, and how far our clock may have gone back.
const AGE_MAX_SECONDS = 60 * 60;
const AGE_FRESH_SECONDS = 30 * 60;
const AHEAD_MAX_SECONDS = 5 * 60;

/** Tells clients that have been answered before from forged sources: RFC 7873, RFC 9018. */
export class Cookies {
  /** The cookie to answer with, where {@link take} said there is one. */
  readonly cookie: Uint8Array = new Uint8Array(COOKIE_BYTES);
  /** The query showed a cookie that was given to its source. */
  isValid = false;
  readonly #hasher = new SipHash();
  readonly #input = new Uint8Array(HASHED_BYTES + IPV6_BYTES);
  readonly #secrets = new Uint8Array(2 * COOKIE_SECRET_BYTES);
  #inputBytes = 0;

  /** Looks at the query's cookie and makes the one to answer with; whether there is one. */
  take(directory: Directory, query: Query, exchange: Exchange, nowMs: number): boolean {
    this.isValid = false;
    if (query.cookieAt === 0 || directory.header[DIRECTORY.HAS_COOKIE_SECRETS] === 0) return false;
    for (let index = 0; index < this.#secrets.length; index++)
      this.#secrets[index] = directory.bytes[COOKIE_SECRETS_AT + index] as number;
    const from = query.start + query.cookieAt;
    for (let index = 0; index < CLIENT_BYTES; index++)
      this.#input[index] = this.cookie[index] = query.bytes[from + index] as number;
    this.#setAddress(exchange);
    const nowSeconds = Math.floor(nowMs / 1_000);
    if (!this.#isFresh(query, nowSeconds)) this.#make(nowSeconds);
    return true;
  }

  #setAddress({ sources, sourceStart }: Exchange): void {
    // RFC 9018 §4.4: four bytes of an IPv4 address.
    const skipped = isMappedIpv4(sources, sourceStart) ? IPV4_MAPPED_BYTES : 0;
    for (let index = skipped; index < IPV6_BYTES; index++)
      this.#input[HASHED_BYTES + index - skipped] = sources[sourceStart + index] as number;
    this.#inputBytes = HASHED_BYTES + IPV6_BYTES - skipped;
  }

  /** Checks the server's part; whether it can go out again as it is. */
  #isFresh(query: Query, nowSeconds: number): boolean {
    const from = query.start + query.cookieAt;
    if (query.cookieBytes !== COOKIE_BYTES || query.bytes[from + CLIENT_BYTES] !== VERSION) return false;
    for (let index = CLIENT_BYTES; index < COOKIE_BYTES; index++)
      this.cookie[index] = query.bytes[from + index] as number;
    for (let index = CLIENT_BYTES; index < HASHED_BYTES; index++)
      this.#input[index] = this.cookie[index] as number;
    // RFC 9018 §4.3: RFC 1982 arithmetic, since the time has 32 bits.
    const age = (nowSeconds - this.#seconds()) | 0;
    if (age > AGE_MAX_SECONDS || age < -AHEAD_MAX_SECONDS) return false;
    const isCurrent = this.#hasHash(0);
    this.isValid = isCurrent || this.#hasHash(COOKIE_SECRET_BYTES);
    return isCurrent && age <= AGE_FRESH_SECONDS;
  }

  #seconds(): number {
    const time = CLIENT_BYTES + 4;
    return (
      ((this.cookie[time] as number) << 24) |
      ((this.cookie[time + 1] as number) << 16) |
      ((this.cookie[time + 2] as number) << 8) |
      (this.cookie[time + 3] as number)
    );
  }

  /** All bytes are compared whatever the first ones are: the time taken tells nothing. */
  #hasHash(secretAt: number): boolean {
    this.#hasher.update(this.#input, this.#inputBytes, this.#secrets, secretAt);
    let difference = 0;
    for (let index = 0; index < 8; index++)
      difference |= (this.#hasher.hash[index] as number) ^ (this.cookie[HASHED_BYTES + index] as number);
    return difference === 0;
  }

  #make(nowSeconds: number): void {
    const input = this.#input;
    input.fill(0, CLIENT_BYTES, HASHED_BYTES);
    input[CLIENT_BYTES] = VERSION;
    for (let index = 0; index < 4; index++) input[CLIENT_BYTES + 4 + index] = nowSeconds >>> (24 - 8 * index);
    this.#hasher.update(input, this.#inputBytes, this.#secrets, 0);
    for (let index = CLIENT_BYTES; index < HASHED_BYTES; index++) this.cookie[index] = input[index] as number;
    for (let index = 0; index < 8; index++)
      this.cookie[HASHED_BYTES + index] = this.#hasher.hash[index] as number;
  }
}

/** RFC 4291 §2.5.5.2: ::ffff:a.b.c.d. */
export function isMappedIpv4(sources: Uint8Array, start: number): boolean {
  for (let index = 0; index < 10; index++) if (sources[start + index] !== 0) return false;
  return sources[start + 10] === 0xff && sources[start + 11] === 0xff;
}
