/** From the answers of several servers to one decision about the clock, without any clock of its own. */

/** One exchange with one server. */
export interface Sample {
  readonly server: string;
  /** What to add to our clock to have the server's. */
  readonly offsetMs: number;
  /** The true offset lies within this distance, if the server is right: half the way there and back, and its own error. */
  readonly errorMs: number;
}

/** What a clock must never be set outside of. */
export interface Sanity {
  readonly earliestMs: number;
  readonly latestMs: number;
}

export type Correction =
  | { readonly kind: 'keep'; readonly offsetMs: number; readonly errorMs: number }
  | { readonly kind: 'slew'; readonly offsetMs: number; readonly errorMs: number }
  | { readonly kind: 'step'; readonly offsetMs: number; readonly errorMs: number }
  | { readonly kind: 'refuse'; readonly reason: string };

export interface ClockView {
  readonly nowMs: number;
  readonly sanity: Sanity;
  /** How many servers were asked: where several were, one alone may not move the clock far. */
  readonly asked: number;
  /** Whether the clock has been set from the network since the start. */
  readonly isSet: boolean;
}

/** Below this the clock is left alone: the network itself is not more exact. */
const KEEP_WITHIN_MS = 5;
/** RFC 5905 §11.3 (STEPT): a smaller offset is made up by running faster or slower. */
const STEP_FROM_MS = 128;
/** RFC 5905 figure 25 (PANICT): a larger correction needs two servers that agree. */
const AGREEMENT_FROM_MS = 1_000_000;
/** A server further away, or less sure of its time, tells too little. */
const ERROR_MAX_MS = 1_500;
const YEAR_MS = 365.25 * 86_400_000;

/** RFC 5905 §10: offset = ((T2 − T1) + (T3 − T4)) / 2, with T1 and T4 by our clock. */
export function sampleOf(
  server: string,
  ours: { readonly sentMs: number; readonly receivedMs: number },
  theirs: { readonly receivedMs: number; readonly transmittedMs: number; readonly errorMs: number },
): Sample {
  const wayMs = Math.max(0, ours.receivedMs - ours.sentMs - (theirs.transmittedMs - theirs.receivedMs));
  const offsetMs = (theirs.receivedMs - ours.sentMs + (theirs.transmittedMs - ours.receivedMs)) / 2;
  return { server, offsetMs, errorMs: wayMs / 2 + theirs.errorMs };
}

export function decideCorrection(samples: readonly Sample[], view: ClockView): Correction {
  const usable = samples.filter(sample => sample.errorMs <= ERROR_MAX_MS);
  const group = largestAgreement(usable);
  const best = group.toSorted((left, right) => left.errorMs - right.errorMs)[0];
  if (best === undefined) return { kind: 'refuse', reason: 'no time server gave a usable answer' };
  const { offsetMs, errorMs } = best;
  const wouldBeMs = view.nowMs + offsetMs;
  if (wouldBeMs < view.sanity.earliestMs || wouldBeMs > view.sanity.latestMs) {
    const years = ((wouldBeMs - view.nowMs) / YEAR_MS).toFixed(1);
    return {
      kind: 'refuse',
      reason: `${best.server} is ${years} years away from the clock, which cannot be`,
    };
  }
  const isLarge = Math.abs(offsetMs) >= AGREEMENT_FROM_MS;
  const isMajority = group.length * 2 > usable.length;
  if (!isMajority)
    return { kind: 'refuse', reason: `the time servers disagree: ${usable.map(describe).join(', ')}` };
  if (isLarge && view.asked > 1 && group.length < 2) {
    return { kind: 'refuse', reason: `${describe(best)}, and no second server says so` };
  }
  // A clock that was right does not jump by days; servers that say so are wrong together.
  if (isLarge && view.isSet)
    return { kind: 'refuse', reason: `${describe(best)} although the clock was set before` };
  if (Math.abs(offsetMs) < KEEP_WITHIN_MS) return { kind: 'keep', offsetMs, errorMs };
  return { kind: Math.abs(offsetMs) < STEP_FROM_MS ? 'slew' : 'step', offsetMs, errorMs };
}

/** RFC 5905 §11.2.1: the samples around the point that most intervals [offset − error, offset + error] cover. */
function largestAgreement(samples: readonly Sample[]): readonly Sample[] {
  let best: readonly Sample[] = [];
  for (const sample of samples) {
    const point = sample.offsetMs - sample.errorMs;
    const covering = samples.filter(each => Math.abs(point - each.offsetMs) <= each.errorMs + KEEP_WITHIN_MS);
    if (covering.length > best.length) best = covering;
  }
  return best;
}

function describe(sample: Sample): string {
  return `${sample.server} is ${Math.round(sample.offsetMs / 1000)} s away`;
}
