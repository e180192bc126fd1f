/**
 * Claiming a leased address on the link (RFC 5227) as a pure machine: it is probed for, then announced, and later defended once
 * against another host that claims it too.
 */
export interface AddressClaim {
  readonly probesLeft: number;
  readonly announcementsLeft: number;
  /** When another host last claimed the address, on the monotonic clock. */
  readonly conflictAtMs: number;
  /** When the next packet is due; Infinity once all are sent. */
  readonly wakeAtMs: number;
}

export type ClaimPacket = 'probe' | 'announcement';

/** RFC 5227 §1.1: PROBE_NUM probes, from PROBE_MIN to PROBE_MAX apart. */
const PROBES = 3;
const PROBE_MIN_MS = 1_000;
const PROBE_MAX_MS = 2_000;
/** RFC 5227 §1.1: ANNOUNCE_WAIT after the last probe, then ANNOUNCE_NUM announcements, ANNOUNCE_INTERVAL apart. */
const ANNOUNCE_WAIT_MS = 2_000;
const ANNOUNCEMENTS = 2;
const ANNOUNCE_INTERVAL_MS = 2_000;
/** RFC 5227 §1.1: DEFEND_INTERVAL. */
const DEFEND_INTERVAL_MS = 10_000;
const NEVER: number = Number.POSITIVE_INFINITY;

/** Nothing to send: no address, or one that needs no claim. */
export const NO_CLAIM: AddressClaim = {
  probesLeft: 0,
  announcementsLeft: 0,
  conflictAtMs: Number.NEGATIVE_INFINITY,
  wakeAtMs: NEVER,
};

export function beginClaim(nowMs: number): AddressClaim {
  return { ...NO_CLAIM, probesLeft: PROBES, announcementsLeft: ANNOUNCEMENTS, wakeAtMs: nowMs };
}

/** The packet that is due, and the claim after it; undefined where none is. `chance` is a fraction in [0, 1). */
export function stepClaim(
  claim: AddressClaim,
  { nowMs, chance }: { readonly nowMs: number; readonly chance: number },
): { readonly claim: AddressClaim; readonly packet: ClaimPacket } | undefined {
  if (nowMs < claim.wakeAtMs) return undefined;
  if (claim.probesLeft > 0) {
    const probesLeft = claim.probesLeft - 1;
    const pauseMs = probesLeft > 0 ? PROBE_MIN_MS + chance * (PROBE_MAX_MS - PROBE_MIN_MS) : ANNOUNCE_WAIT_MS;
    return { claim: { ...claim, probesLeft, wakeAtMs: nowMs + pauseMs }, packet: 'probe' };
  }
  const announcementsLeft = claim.announcementsLeft - 1;
  const wakeAtMs = announcementsLeft > 0 ? nowMs + ANNOUNCE_INTERVAL_MS : NEVER;
  return { claim: { ...claim, announcementsLeft, wakeAtMs }, packet: 'announcement' };
}

/** What to do about another host that claims the address: undefined is to give it up, a claim to defend it by one announcement. */
export function defendClaim(claim: AddressClaim, nowMs: number): AddressClaim | undefined {
  // RFC 5227 §2.1.1: until the first announcement the address is not ours to defend.
  if (claim.announcementsLeft === ANNOUNCEMENTS) return undefined;
  // RFC 5227 §2.4 (b): a host with connections may defend its address once; a second conflict within DEFEND_INTERVAL ends that.
  if (nowMs - claim.conflictAtMs < DEFEND_INTERVAL_MS) return undefined;
  return { ...claim, conflictAtMs: nowMs };
}
