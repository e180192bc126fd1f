/**
 * Let's Encrypt's published rate limits (letsencrypt.org/docs/rate-limits, read in November 2026), and an account of what was
 * used of them. The account is durable, so that restarts do not forget it; every authority has its own.
 */
import { networkOf } from '../ip/network-of.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface RateLimit {
  readonly count: number;
  readonly windowMs: number;
}

export const LIMIT: {
  readonly order: RateLimit;
  readonly nameSet: RateLimit;
  readonly domain: RateLimit;
  readonly validation: RateLimit;
} = {
  /** New orders of one account. */
  order: { count: 300, windowMs: 3 * HOUR_MS },
  /** Certificates with exactly the same names. */
  nameSet: { count: 5, windowMs: 7 * DAY_MS },
  /** Certificates for one registered domain. */
  domain: { count: 50, windowMs: 7 * DAY_MS },
  /** Failed validations of one name. */
  validation: { count: 5, windowMs: HOUR_MS },
};

type LimitKind = keyof typeof LIMIT;

/** What is used: kind, and of what: a set of names, a domain, a name. */
export interface LedgerUse {
  readonly kind: LimitKind;
  readonly key: string;
}
export type Ledger = readonly (LedgerUse & { readonly atMs: number })[];

/** One of each stays unused: another machine of the same owner, or a copy of this one, may need it. */
const SPARE = 1;

export const NEW_ORDER: LedgerUse = { kind: 'order', key: '' };

export function certificateUses(names: readonly string[]): LedgerUse[] {
  const domains = [...new Set(names.map(registeredDomain))];
  return [
    { kind: 'nameSet', key: names.toSorted().join(' ') },
    ...domains.map(key => ({ kind: 'domain' as const, key })),
  ];
}

/** RFC 8555 §7.1.4: an authorization's identifier is without the wildcard's `*.`, and so is what is counted. */
export function failedValidationUses(names: readonly string[]): LedgerUse[] {
  return names.map(name => ({ kind: 'validation', key: name.replace(/^\*\./, '') }));
}

/** When an order for `names` stays below every limit: `nowMs`, or later. */
export function orderAllowedAtMs(ledger: Ledger, names: readonly string[], nowMs: number): number {
  const uses = [NEW_ORDER, ...certificateUses(names), ...failedValidationUses(names)];
  return Math.max(nowMs, ...uses.map(use => freeAtMs(ledger, use, nowMs)));
}

/** With what was used now, and without what counts no more. */
export function noteUses(ledger: Ledger, uses: readonly LedgerUse[], nowMs: number): Ledger {
  const counting = ledger.filter(({ kind, atMs }) => nowMs - atMs < LIMIT[kind].windowMs);
  return [...counting, ...uses.map(use => ({ ...use, atMs: nowMs }))];
}

function freeAtMs(ledger: Ledger, { kind, key }: LedgerUse, nowMs: number): number {
  const { count, windowMs } = LIMIT[kind];
  const used = ledger
    .filter(entry => entry.kind === kind && entry.key === key && nowMs - entry.atMs < windowMs)
    .map(({ atMs }) => atMs)
    .toSorted((left, right) => left - right);
  const deciding = used[used.length - (count - SPARE)];
  return deciding === undefined ? nowMs : deciding + windowMs;
}

/**
 * What certificates are counted by: an IPv4 address, the first 64 bits of an IPv6 address, or the last two labels of a name. A registered
 * domain is a public suffix and a label, so two labels are never less careful than the limit asks. Under a suffix of two (co.uk) they throw
 * several owners' domains together: who asks for the 50th certificate of a week under it waits, though the authority would give it. The
 * list of public suffixes would be 200 KB in every image, and out of date in an old one.
 */
function registeredDomain(name: string): string {
  return /^[0-9.]+$|:/.test(name) ? networkOf(name) : name.split('.').slice(-2).join('.');
}
