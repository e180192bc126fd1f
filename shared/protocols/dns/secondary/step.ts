import type { SoaTimes } from '../serial.ts';

/** A secondary's part of RFC 1034 §4.3.5 and RFC 1996: when to ask which primary, and when the zone is no longer good. */
export interface SecondaryState {
  /** How many primaries there are. */
  readonly primaries: number;
  /** The version that is there, and when a primary last said that it is the newest. */
  readonly version: { readonly times: SoaTimes; readonly confirmedAtMs: number } | undefined;
  /** Under way: which primary is asked, and how many were before it. */
  readonly round: { readonly primary: number; readonly asked: number } | undefined;
  /** That answered last, or has just notified: it is asked first. */
  readonly preferred: number;
  /** A notification came while a round was under way: what it told of may have been missed. */
  readonly isNotified: boolean;
  /** Rounds without success, one after the other. */
  readonly failures: number;
  readonly nextRoundAtMs: number;
  readonly isExpired: boolean;
}

export type SecondaryEvent =
  | { readonly kind: 'timer' }
  | { readonly kind: 'notified'; readonly primary: number }
  /** The primary that was asked has nothing newer, or what it has is served now. */
  | { readonly kind: 'confirmed'; readonly times: SoaTimes }
  | { readonly kind: 'failed' };

export type SecondaryAction =
  /** Fetch what is newer; `confirmed` or `failed` is to follow. */
  | { readonly kind: 'ask'; readonly primary: number }
  /** RFC 1034 §4.3.5: the zone is not to be answered from any more. */
  | { readonly kind: 'expire' };

export interface SecondaryStep {
  readonly state: SecondaryState;
  readonly actions: readonly SecondaryAction[];
}

/** What zones say of themselves is kept within these: nobody is asked all the time, or never again. */
const INTERVAL_MIN_MS = 1_000;
const INTERVAL_MAX_MS = 7 * 86_400_000;

/** Where nothing is there yet, it is asked soon, and then ever more seldom. */
const FIRST_RETRY_MS = 5_000;
const FIRST_RETRY_MAX_MS = 600_000;

/** `confirmedAtMs`: when what is there was last known to be the newest; a version of an earlier life is asked for at once. */
export function beginSecondary(
  primaries: number,
  version: SecondaryState['version'],
  nowMs: number,
): SecondaryState {
  return {
    primaries,
    version,
    round: undefined,
    preferred: 0,
    isNotified: false,
    failures: 0,
    nextRoundAtMs: nowMs,
    isExpired: false,
  };
}

/** When `timer` is due. */
export function wakeAtMs({ round, nextRoundAtMs, isExpired, version }: SecondaryState): number {
  const expiry = isExpired ? Infinity : expiresAtMs(version);
  return round === undefined ? Math.min(nextRoundAtMs, expiry) : expiry;
}

export function stepSecondary(state: SecondaryState, event: SecondaryEvent, nowMs: number): SecondaryStep {
  switch (event.kind) {
    case 'timer':
      return onTimer(state, nowMs);
    case 'notified':
      return onNotified(state, event.primary);
    case 'confirmed':
      return onConfirmed(state, event.times, nowMs);
    case 'failed':
      return onFailed(state, nowMs);
  }
}

function onTimer(state: SecondaryState, nowMs: number): SecondaryStep {
  const hasExpired = !state.isExpired && nowMs >= expiresAtMs(state.version);
  const now = hasExpired ? { ...state, isExpired: true } : state;
  const expire: SecondaryAction[] = hasExpired ? [{ kind: 'expire' }] : [];
  if (now.round !== undefined || nowMs < now.nextRoundAtMs) return { state: now, actions: expire };
  const begun = beginRound(now);
  return { state: begun.state, actions: [...expire, ...begun.actions] };
}

/** RFC 1996 §3.11: as if the refresh time had come; §4.4: what comes while one is under way is seen to after it. */
function onNotified(state: SecondaryState, primary: number): SecondaryStep {
  const preferring = { ...state, preferred: primary };
  if (state.round !== undefined) return { state: { ...preferring, isNotified: true }, actions: [] };
  return beginRound(preferring);
}

function onConfirmed(state: SecondaryState, times: SoaTimes, nowMs: number): SecondaryStep {
  const { round, isNotified } = state;
  const confirmed = {
    ...state,
    version: { times, confirmedAtMs: nowMs },
    round: undefined,
    // One that has told of something meanwhile is asked before the one that has just answered.
    preferred: isNotified ? state.preferred : (round?.primary ?? state.preferred),
    isNotified: false,
    isExpired: false,
    failures: 0,
    nextRoundAtMs: nowMs + within(times.refreshSeconds),
  };
  return isNotified ? beginRound(confirmed) : { state: confirmed, actions: [] };
}

/** The next primary is asked at once; after the last of them the retry time has to pass. */
function onFailed(state: SecondaryState, nowMs: number): SecondaryStep {
  const { round, primaries } = state;
  if (round !== undefined && round.asked + 1 < primaries) {
    const primary = (round.primary + 1) % primaries;
    const next = { ...state, round: { primary, asked: round.asked + 1 } };
    return { state: next, actions: [{ kind: 'ask', primary }] };
  }
  const failed = {
    ...state,
    round: undefined,
    isNotified: false,
    failures: state.failures + 1,
    nextRoundAtMs: nowMs + retryMs(state),
  };
  return state.isNotified ? beginRound(failed) : { state: failed, actions: [] };
}

function beginRound(state: SecondaryState): SecondaryStep {
  const primary = state.preferred;
  return { state: { ...state, round: { primary, asked: 0 } }, actions: [{ kind: 'ask', primary }] };
}

function retryMs({ version, failures }: SecondaryState): number {
  if (version !== undefined) return within(version.times.retrySeconds);
  return Math.min(FIRST_RETRY_MS * 2 ** failures, FIRST_RETRY_MAX_MS);
}

function expiresAtMs(version: SecondaryState['version']): number {
  if (version === undefined) return Infinity;
  // RFC 1912 §2.2: it is longer than refresh and retry together; a zone that says less does not vanish between two of them.
  const { refreshSeconds, retrySeconds, expireSeconds } = version.times;
  return version.confirmedAtMs + 1000 * Math.max(expireSeconds, refreshSeconds + retrySeconds);
}

function within(seconds: number): number {
  return Math.min(INTERVAL_MAX_MS, Math.max(INTERVAL_MIN_MS, seconds * 1000));
}
