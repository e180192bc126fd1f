import type { Directory } from '../compiled/directory.ts';
import { COOKIE_SECRETS_AT, DIRECTORY } from '../compiled/layout.ts';
import { mixHash } from '../compiled/name-hash.ts';
import { isMappedIpv4 } from './cookies.ts';
import type { Exchange } from './exchange.ts';

export const OUTCOME = {
  SEND: 0,
  DROP: 1,
  /** Send a short answer that makes an honest client come again in a way that shows its address. */
  SLIP: 2,
} as const;
export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

/** One network's responses of one kind; 65,536 accounts in 1 MiB for each worker, however many networks ask. */
const ACCOUNT = { TAG: 0, LAST_MS: 1, LEVEL: 2, WORDS: 3 } as const;
const WAYS = 4;
const SETS = 16_384;
/** Levels are kept in thousandths of responses, so that a millisecond takes away `rate` of them. */
const RESPONSE = 1_000;

/**
 * Bounds what a victim whose address is forged gets from us: an account per network and kind of response, filled by each
 * response and emptied at the allowed rate. The method is Vixie's and Schryver's "DNS Response Rate Limiting".
 */
export class RateLimiter {
  readonly #accounts = new Uint32Array(ACCOUNT.WORDS * WAYS * SETS);
  #limited = 0;

  /** `kind` is a hash of what is answered: equal for responses that an attacker could use alike. */
  check(directory: Directory, exchange: Exchange, kind: number, nowMs: number): Outcome {
    const rate = directory.header[DIRECTORY.RATE_LIMIT] as number;
    if (rate === 0) return OUTCOME.SEND;
    // Keyed, so that nobody can choose networks that share a victim's account.
    const secret =
      (directory.bytes[COOKIE_SECRETS_AT] as number) |
      ((directory.bytes[COOKIE_SECRETS_AT + 1] as number) << 8);
    const tag = networkHash(exchange, mixHash(kind, secret));
    const account = this.#find(tag, rate, nowMs >>> 0);
    const level = this.#level(account, rate, nowMs >>> 0);
    this.#accounts[account + ACCOUNT.TAG] = tag;
    this.#accounts[account + ACCOUNT.LAST_MS] = nowMs;
    const isOver = level + RESPONSE > rate * RESPONSE;
    this.#accounts[account + ACCOUNT.LEVEL] = isOver ? level : level + RESPONSE;
    return isOver ? this.#limit(directory.header[DIRECTORY.RATE_SLIP] as number) : OUTCOME.SEND;
  }

  #limit(slip: number): Outcome {
    this.#limited++;
    return slip > 0 && this.#limited % slip === 0 ? OUTCOME.SLIP : OUTCOME.DROP;
  }

  /** The account of that tag, or the emptiest one in its place. */
  #find(tag: number, rate: number, nowMs: number): number {
    const first = (tag & (SETS - 1)) * WAYS * ACCOUNT.WORDS;
    let emptiest = first;
    let least = Infinity;
    for (let way = 0; way < WAYS; way++) {
      const account = first + way * ACCOUNT.WORDS;
      if (this.#accounts[account + ACCOUNT.TAG] === tag >>> 0) return account;
      const level = this.#level(account, rate, nowMs);
      if (level < least) {
        least = level;
        emptiest = account;
      }
    }
    this.#accounts[emptiest + ACCOUNT.LEVEL] = 0;
    return emptiest;
  }

  #level(account: number, rate: number, nowMs: number): number {
    // The clock's low bits: after 49 days, or when it is set back, an account is empty, and fills again.
    const elapsedMs = (nowMs - (this.#accounts[account + ACCOUNT.LAST_MS] as number)) >>> 0;
    return Math.max(0, (this.#accounts[account + ACCOUNT.LEVEL] as number) - elapsedMs * rate);
  }
}

/** The source's /24 or /56: whoever holds one address of it may well hold all. */
function networkHash({ sources, sourceStart }: Exchange, start: number): number {
  const isIpv4 = isMappedIpv4(sources, sourceStart);
  const first = isIpv4 ? 12 : 0;
  const end = isIpv4 ? 15 : 7;
  let hash = start;
  for (let index = first; index < end; index++) hash = mixHash(hash, sources[sourceStart + index] as number);
  return hash;
}
