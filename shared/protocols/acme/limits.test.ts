import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOffMs } from './back-off.ts';
import {
  certificateUses,
  failedValidationUses,
  LIMIT,
  NEW_ORDER,
  noteUses,
  orderAllowedAtMs,
  type Ledger,
  type LedgerUse,
  type RateLimit,
} from './limits.ts';

const HOUR_MS = 3_600_000;

/** Uses as often and as early as the account allows, and gives the times. */
function greedy(
  use: (index: number) => readonly string[],
  noted: (names: readonly string[]) => LedgerUse[],
  count: number,
): number[] {
  let ledger: Ledger = [];
  let nowMs = 0;
  return Array.from({ length: count }, (_, index) => {
    const names = use(index);
    nowMs = orderAllowedAtMs(ledger, names, nowMs);
    ledger = noteUses(ledger, noted(names), nowMs);
    return nowMs++;
  });
}

function most(timesMs: readonly number[], windowMs: number): number {
  return Math.max(...timesMs.map(from => timesMs.filter(at => at >= from && at < from + windowMs).length));
}

describe('the account of what was used', () => {
  it.each<
    [string, RateLimit, (index: number) => readonly string[], (names: readonly string[]) => LedgerUse[]]
  >([
    ['orders', LIMIT.order, () => ['a.test'], () => [NEW_ORDER]],
    ['certificates for the same names', LIMIT.nameSet, () => ['b.test', 'a.test'], certificateUses],
    ['certificates of a domain', LIMIT.domain, index => [`${index}.a.test`], certificateUses],
    ['certificates of domains under co.uk', LIMIT.domain, index => [`a${index}.co.uk`], certificateUses],
    // letsencrypt/boulder #8221: an IPv6 address counts as its /64.
    [
      'certificates of a network',
      LIMIT.domain,
      index => [`2001:db8::${index.toString(16)}`],
      certificateUses,
    ],
    ['failed validations of a name', LIMIT.validation, () => ['a.test'], failedValidationUses],
  ])('keeps %s below the limit, and leaves one', (_what, limit, use, noted) => {
    expect(most(greedy(use, noted, 2 * limit.count + 5), limit.windowMs)).toBe(limit.count - 1);
  });

  it('counts a failed validation of a wildcard under the name that authorities give it (RFC 8555 §7.1.4)', () => {
    const times = greedy(
      () => ['*.a.test'],
      () => failedValidationUses(['a.test']),
      10,
    );
    expect(most(times, LIMIT.validation.windowMs)).toBe(LIMIT.validation.count - 1);
  });

  it('forgets what counts no more', () => {
    const ledger = noteUses([], [NEW_ORDER], 0);
    expect(noteUses(ledger, [], LIMIT.order.windowMs)).toEqual([]);
  });
});

describe('the pause after a failure', () => {
  it('keeps failed validations below five in an hour, however chance falls', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10 }), draws => {
        let atMs = 0;
        const times = draws.map((random, index) => {
          const now = atMs;
          atMs += backOffMs({ kind: 'validation', failures: index + 1, remainingMs: undefined, random });
          return now;
        });
        expect(most(times, LIMIT.validation.windowMs)).toBeLessThan(LIMIT.validation.count);
      }),
    );
  });

  it.each([
    ['unreachable', 1, 30 * 24 * HOUR_MS, HOUR_MS / 60],
    ['unreachable', 50, 30 * 24 * HOUR_MS, HOUR_MS],
    ['validation', 50, 30 * 24 * HOUR_MS, 6 * HOUR_MS],
    ['validation', 50, 24 * HOUR_MS, 2 * HOUR_MS],
    ['validation', 50, HOUR_MS, HOUR_MS],
    ['validation', 24, undefined, HOUR_MS],
    ['validation', 25, undefined, 6 * HOUR_MS],
    ['preflight', 50, undefined, HOUR_MS / 4],
  ] as const)('by %s, the %ith with %s ms left, is about %i ms', (kind, failures, remainingMs, ms) => {
    expect(backOffMs({ kind, failures, remainingMs, random: 0.5 })).toBe(ms);
    expect(backOffMs({ kind, failures, remainingMs, random: 0 })).toBe(0.75 * ms);
  });

  it('is at least what the authority asks, up to a day and a half', () => {
    const pause = { kind: 'rateLimited', failures: 1, remainingMs: undefined, random: 0.5 } as const;
    expect(backOffMs({ ...pause, retryAfterMs: 10 * HOUR_MS })).toBe(10 * HOUR_MS);
    expect(backOffMs({ ...pause, retryAfterMs: 1_000 * HOUR_MS })).toBe(36 * HOUR_MS);
  });
});
