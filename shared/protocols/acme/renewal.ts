/**
 * When to ask for the next certificate, and whom. A fold over events: `step` gives the one thing to do next. Time is what the
 * caller holds to be true, in milliseconds since 1970; chance comes with the events, from 0 to 1.
 */
import { backOffMs, type FailureKind } from './back-off.ts';
import type { RenewalWindow } from './renewal-info.ts';

/** The certificate in use. */
export interface HeldCertificate {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Which authority gave it: the number in the list, or undefined where that one is not in the list any more. */
  readonly authority?: number;
  /** RFC 9773 §4.1; undefined where it cannot be asked about. */
  readonly certificateId?: string;
}

export interface RenewalState {
  readonly held?: HeldCertificate;
  /** Chosen from the lifetime when the certificate came, and from the authority's window as soon as that is known. */
  readonly ownMomentMs?: number;
  readonly window?: RenewalWindow & { readonly chosenMs: number };
  readonly askWindowAtMs?: number;
  /** What was tried in vain since the last success, by authority. */
  readonly tries: readonly Tries[];
}

interface Tries {
  readonly failures: number;
  readonly nextMs: number;
}

export type RenewalEvent =
  /** `timeConfirmed`: an authority has told the time since the machine started. */
  | { readonly kind: 'tick'; readonly timeConfirmed: boolean }
  | { readonly kind: 'held'; readonly held: HeldCertificate; readonly random: number }
  | {
      readonly kind: 'failed';
      readonly authority: number;
      readonly failure: AttemptFailure;
      readonly random: number;
    }
  /** Below the rate limits only from then on. */
  | { readonly kind: 'limited'; readonly authority: number; readonly untilMs: number }
  | {
      readonly kind: 'window';
      readonly window: RenewalWindow;
      readonly retryAfterMs?: number;
      readonly random: number;
    }
  | { readonly kind: 'noWindow'; readonly retryAfterMs?: number };

export interface AttemptFailure {
  readonly kind: FailureKind;
  readonly retryAfterMs?: number;
}

export type RenewalAction =
  | { readonly kind: 'sleep'; readonly untilMs: number }
  /** Learn the time from that authority, then tick again. */
  | { readonly kind: 'confirmTime'; readonly authority: number }
  | { readonly kind: 'askWindow'; readonly certificateId: string; readonly authority: number }
  | { readonly kind: 'order'; readonly authority: number; readonly replaces?: string };

export interface RenewalStep {
  readonly state: RenewalState;
  readonly action: RenewalAction;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Certificates of less than this are renewed at half of their life, as Let's Encrypt asks for its six-day ones. */
const SHORT_LIFETIME_MS = 10 * DAY_MS;
/** Others at two thirds. Both are spread, so that machines started together do not come back together. */
const MOMENT_OF_SHORT = { from: 0.45, to: 0.52 } as const;
const MOMENT = { from: 0.62, to: 0.68 } as const;
/** An authority may be away for two days; even its own window is not waited for longer than this leaves time. */
const RESERVE_MS = 50 * HOUR_MS;
const RESERVE_PART = 1 / 6;

// RFC 9773 §4.3.2: clients set limits to Retry-After; one minute to one day are its own examples, six hours where none is named.
const ASK_WINDOW_MIN_MS = MINUTE_MS;
const ASK_WINDOW_MAX_MS = DAY_MS;
const ASK_WINDOW_DEFAULT_MS = 6 * HOUR_MS;

/** So many failures in a row let the next authority have its turn as well. */
const FAILURES_BEFORE_NEXT = 3;
/** An authority that asks for more patience than this is passed over at once, where there is another. */
const PATIENCE_MS = HOUR_MS;
/** No pause is longer, whatever the clock was when it was noted down. */
const PAUSE_MAX_MS = 7 * DAY_MS;

export const NOTHING_HELD: RenewalState = { tries: [] };

export function step(
  state: RenewalState,
  event: RenewalEvent,
  authorities: number,
  nowMs: number,
): RenewalStep {
  const next = take(state, event, nowMs);
  return {
    state: next,
    action: decide(next, event.kind === 'tick' && event.timeConfirmed, authorities, nowMs),
  };
}

/** When the next certificate is to be asked for: at once where there is none, or none of an authority in the list. */
export function dueAtMs({ held, ownMomentMs, window }: RenewalState): number {
  if (held === undefined) return 0;
  const { notBeforeMs, notAfterMs } = held;
  // What an authority gave that nobody chooses any more (a test authority, often) is shown until the next is there, but not kept.
  if (held.authority === undefined) return notBeforeMs;
  const lifetimeMs = notAfterMs - notBeforeMs;
  const reserveMs = Math.max(lifetimeMs * RESERVE_PART, Math.min(lifetimeMs / 2, RESERVE_MS));
  return Math.min(window?.chosenMs ?? ownMomentMs ?? notBeforeMs + lifetimeMs / 2, notAfterMs - reserveMs);
}

/** When it is tried next, where it was tried in vain. */
export function nextTryMs({ tries }: RenewalState): number | undefined {
  const pending = tries.filter(({ nextMs }) => nextMs > 0).map(({ nextMs }) => nextMs);
  return pending.length === 0 ? undefined : Math.min(...pending);
}

function take(state: RenewalState, event: RenewalEvent, nowMs: number): RenewalState {
  switch (event.kind) {
    case 'tick':
      return state;
    case 'held':
      return takeHeld(state, event.held, event.random);
    case 'failed':
      return takeFailure(state, event, nowMs);
    case 'limited':
      return withTries(state, event.authority, {
        failures: Math.max(FAILURES_BEFORE_NEXT, failuresOf(state, event.authority)),
        nextMs: event.untilMs,
      });
    case 'window':
      return { ...takeWindow(state, event), askWindowAtMs: nowMs + askPause(event.retryAfterMs) };
    case 'noWindow':
      // RFC 9773 §4.3.3: what was known before stays good.
      return { ...state, askWindowAtMs: nowMs + askPause(event.retryAfterMs) };
  }
}

/** A new certificate ends all troubles, and the first authority has its turn again the next time. */
function takeHeld(state: RenewalState, held: HeldCertificate, random: number): RenewalState {
  if (state.held !== undefined && sameCertificate(state.held, held)) return { ...state, held };
  const lifetimeMs = held.notAfterMs - held.notBeforeMs;
  const { from, to } = lifetimeMs < SHORT_LIFETIME_MS ? MOMENT_OF_SHORT : MOMENT;
  return { held, ownMomentMs: held.notBeforeMs + lifetimeMs * (from + (to - from) * random), tries: [] };
}

function sameCertificate(left: HeldCertificate, right: HeldCertificate): boolean {
  return (
    left.certificateId === right.certificateId &&
    left.notBeforeMs === right.notBeforeMs &&
    left.notAfterMs === right.notAfterMs
  );
}

function takeFailure(
  state: RenewalState,
  { authority, failure, random }: Extract<RenewalEvent, { kind: 'failed' }>,
  nowMs: number,
): RenewalState {
  const failures = failuresOf(state, authority) + 1;
  const leftMs = (state.held?.notAfterMs ?? 0) - nowMs;
  const remainingMs = leftMs > 0 ? leftMs : undefined;
  const pauseMs = backOffMs({ ...failure, failures, remainingMs, random });
  const isPassedOver = (failure.retryAfterMs ?? 0) > PATIENCE_MS;
  return withTries(state, authority, {
    failures: isPassedOver ? Math.max(FAILURES_BEFORE_NEXT, failures) : failures,
    nextMs: nowMs + pauseMs,
  });
}

/** RFC 9773 §4.2: a random moment in the window; drawn once, since drawing at every look would favour its beginning. */
function takeWindow(
  state: RenewalState,
  { window, random }: Extract<RenewalEvent, { kind: 'window' }>,
): RenewalState {
  const known = state.window;
  if (known?.startMs === window.startMs && known.endMs === window.endMs) return state;
  const chosenMs = window.startMs + (window.endMs - window.startMs) * random;
  return { ...state, window: { ...window, chosenMs } };
}

function askPause(retryAfterMs: number = ASK_WINDOW_DEFAULT_MS): number {
  return Math.min(ASK_WINDOW_MAX_MS, Math.max(ASK_WINDOW_MIN_MS, retryAfterMs));
}

function decide(
  state: RenewalState,
  timeConfirmed: boolean,
  authorities: number,
  nowMs: number,
): RenewalAction {
  const { held } = state;
  const askAtMs = askWindowAt(state, nowMs);
  if (held?.certificateId !== undefined && held.authority !== undefined && nowMs >= askAtMs)
    return { kind: 'askWindow', certificateId: held.certificateId, authority: held.authority };
  const dueMs = dueAtMs(state);
  if (nowMs < dueMs) return { kind: 'sleep', untilMs: Math.min(dueMs, askAtMs) };
  const { authority, nextMs } = chooseAuthority(state, authorities, nowMs);
  if (nowMs < nextMs) return { kind: 'sleep', untilMs: Math.min(nextMs, askAtMs) };
  // A clock that runs ahead must not make an order of its own: somebody else's clock is asked first.
  if (!timeConfirmed) return { kind: 'confirmTime', authority };
  const replaces = held?.authority === authority ? held.certificateId : undefined;
  return { kind: 'order', authority, ...(replaces === undefined ? {} : { replaces }) };
}

function askWindowAt({ held, askWindowAtMs }: RenewalState, nowMs: number): number {
  if (held?.certificateId === undefined || held.authority === undefined) return Number.POSITIVE_INFINITY;
  // A moment noted down under a clock that was ahead is not waited for.
  return askWindowAtMs === undefined || askWindowAtMs - nowMs > ASK_WINDOW_MAX_MS ? nowMs : askWindowAtMs;
}

/** The first one whose pause is over; each after the first only where all before it have failed often enough. */
function chooseAuthority(
  state: RenewalState,
  authorities: number,
  nowMs: number,
): { readonly authority: number; readonly nextMs: number } {
  let best = { authority: 0, nextMs: pauseEnd(state, 0, nowMs) };
  for (let authority = 1; authority < authorities; authority++) {
    if (failuresOf(state, authority - 1) < FAILURES_BEFORE_NEXT) break;
    const nextMs = pauseEnd(state, authority, nowMs);
    if (nextMs < best.nextMs && best.nextMs > nowMs) best = { authority, nextMs };
  }
  return best;
}

function pauseEnd(state: RenewalState, authority: number, nowMs: number): number {
  const nextMs = state.tries[authority]?.nextMs ?? 0;
  return nextMs - nowMs > PAUSE_MAX_MS ? nowMs : nextMs;
}

function failuresOf({ tries }: RenewalState, authority: number): number {
  return tries[authority]?.failures ?? 0;
}

function withTries(state: RenewalState, authority: number, tries: Tries): RenewalState {
  const length = Math.max(state.tries.length, authority + 1);
  const all = Array.from({ length }, (_, index) => state.tries[index] ?? { failures: 0, nextMs: 0 });
  return { ...state, tries: all.with(authority, tries) };
}
