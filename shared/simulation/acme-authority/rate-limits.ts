import { Problem } from './problem.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface RateLimit {
  readonly count: number;
  readonly perMs: number;
}

/** As https://letsencrypt.org/docs/rate-limits/ publishes them; each refills evenly: one in `perMs / count`. */
export const LETS_ENCRYPT_LIMITS = {
  'new accounts per address': { count: 10, perMs: 3 * HOUR_MS },
  'new orders per account': { count: 300, perMs: 3 * HOUR_MS },
  'certificates per registered domain': { count: 50, perMs: 7 * DAY_MS },
  'certificates per exact set of identifiers': { count: 5, perMs: 7 * DAY_MS },
  'failed validations per identifier and account': { count: 5, perMs: HOUR_MS },
} as const satisfies Record<string, RateLimit>;

export type LimitName = keyof typeof LETS_ENCRYPT_LIMITS;

/** A refusal, kept for whoever asserts that there was none. */
export interface LimitHit {
  readonly atMs: number;
  readonly limit: LimitName;
  readonly key: string;
}

/** Counts and refuses, by the generic cell rate algorithm: a bucket of `count` that refills evenly. */
export class RateLimits {
  readonly hits: LimitHit[] = [];
  /** When the bucket of a limit and key is full again. */
  readonly #fullAtMs = new Map<string, number>();

  /** @throws Problem `rateLimited` with Retry-After where no room is left. */
  check(limit: LimitName, key: string, nowMs: number): void {
    const { count, perMs } = LETS_ENCRYPT_LIMITS[limit];
    const waitMs = this.#fullAt(limit, key, nowMs) - nowMs - perMs + perMs / count;
    if (waitMs <= 0) return;
    this.hits.push({ atMs: nowMs, limit, key });
    const seconds = Math.ceil(waitMs / 1000);
    throw new Problem(
      'rateLimited',
      429,
      `too many ${limit} (${key}): ${count} in ${perMs / HOUR_MS} hours`,
      {
        // RFC 8555 §6.6.
        'retry-after': String(seconds),
      },
    );
  }

  spend(limit: LimitName, key: string, nowMs: number): void {
    const { count, perMs } = LETS_ENCRYPT_LIMITS[limit];
    this.#fullAtMs.set(`${limit}/${key}`, this.#fullAt(limit, key, nowMs) + perMs / count);
  }

  #fullAt(limit: LimitName, key: string, nowMs: number): number {
    return Math.max(nowMs, this.#fullAtMs.get(`${limit}/${key}`) ?? 0);
  }
}

/** The name that is counted: the last two labels, which is right for the names that tests use; an address for itself. */
export function registeredDomain(name: string): string {
  return /^[\d.]+$|:/.test(name) ? name : name.split('.').slice(-2).join('.');
}
