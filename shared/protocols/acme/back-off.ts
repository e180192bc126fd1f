import type { Failure } from './failure.ts';

/** Why an attempt came to nothing: a run's failure, or something that kept it from starting. */
export type FailureKind = Failure['kind'] | 'preflight';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

interface Pace {
  readonly firstMs: number;
  /** Doubled with each failure after the second; without it the first pause is what is doubled. */
  readonly secondMs?: number;
  readonly maxMs: number;
}

// Asking whether an authority is back makes no order and counts towards no limit; after an outage it is found out within an hour.
const CONTACT: Pace = { firstMs: MINUTE_MS, maxMs: HOUR_MS };
// Costs the authority no order and no look at a proof; whoever is just setting the machine up sees his progress within minutes.
const PREFLIGHT: Pace = { firstMs: MINUTE_MS, maxMs: 15 * MINUTE_MS };
// Often the machine restarted just when the authority looked, so one more attempt comes soon: at 0, 1, 16 and 46 minutes, then
// more than an hour apart. That is never five failed validations in an hour, jitter included.
const VALIDATION: Pace = { firstMs: MINUTE_MS, secondMs: 15 * MINUTE_MS, maxMs: 6 * HOUR_MS };
// The same again is refused again, until somebody has changed something.
const REFUSED: Pace = { firstMs: 15 * MINUTE_MS, maxMs: 6 * HOUR_MS };
const LIMITED: Pace = { firstMs: HOUR_MS, maxMs: 12 * HOUR_MS };

const PACES: Readonly<Record<FailureKind, Pace>> = {
  unreachable: CONTACT,
  malformed: CONTACT,
  stuck: CONTACT,
  orderLost: CONTACT,
  preflight: PREFLIGHT,
  validation: VALIDATION,
  proof: PREFLIGHT,
  noChallenge: REFUSED,
  refused: REFUSED,
  rateLimited: LIMITED,
};

/** As a certificate's end comes nearer, pauses are at most this part of what is left … */
const PART_OF_REMAINING = 12;
/** … but never so short that an hour sees more than one attempt more. */
const SHORTENED_MIN_MS = HOUR_MS;
/** An owner who sets up his first certificate is at hand for a day or so; later pauses may grow. */
const PATIENT_FAILURES = 24;
/** An authority may ask for no more than this: its error must not cost the certificate. */
const RETRY_AFTER_MAX_MS = 36 * HOUR_MS;

export interface BackOffInput {
  readonly kind: FailureKind;
  /** Failures in a row with this authority, this one included. */
  readonly failures: number;
  /** Until the certificate in use ends; undefined where there is none that is valid. */
  readonly remainingMs: number | undefined;
  readonly retryAfterMs?: number;
  /** From 0 to 1, evenly. */
  readonly random: number;
}

/** The pause before the next attempt: doubled with each failure, spread by a quarter to both sides. */
export function backOffMs({ kind, failures, remainingMs, retryAfterMs = 0, random }: BackOffInput): number {
  const { maxMs } = PACES[kind];
  const hurried =
    remainingMs === undefined
      ? failures <= PATIENT_FAILURES
        ? SHORTENED_MIN_MS
        : maxMs
      : Math.max(SHORTENED_MIN_MS, remainingMs / PART_OF_REMAINING);
  const most = kind === 'rateLimited' ? maxMs : Math.min(maxMs, hurried);
  const plainMs = Math.min(most, pauseOf(PACES[kind], failures));
  const spreadMs = plainMs * (0.75 + 0.5 * random);
  return Math.max(spreadMs, Math.min(retryAfterMs, RETRY_AFTER_MAX_MS));
}

function pauseOf({ firstMs, secondMs }: Pace, failures: number): number {
  const doublings = Math.min(failures - 1, DOUBLINGS_MAX);
  return secondMs === undefined || doublings === 0
    ? firstMs * 2 ** doublings
    : secondMs * 2 ** (doublings - 1);
}

/** Two to this many minutes is longer than any pause. */
const DOUBLINGS_MAX = 30;
