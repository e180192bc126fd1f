import type { Clock } from '../../devices/clock.ts';

/** Differences up to this are a clock that drifts, not one that is wrong. */
const TOLERANCE_MS = 300_000;
/** So long a time that was told is believed against a clock that says otherwise; monotonic time may stop while a guest sleeps. */
const BELIEVED_MS = 3_600_000;

/**
 * The time by which certificates are judged: the machine's clock, unless an authority, or the date of issue of a certificate in hand,
 * has shown it to be wrong.
 */
export interface TrueTime {
  now(): number;
  /** Whether an authority's clock agrees, or has spoken lately. */
  isConfirmed(): boolean;
  /** An authority, known by its own certificate, says that it is this late. */
  learn(toldMs: number): void;
  /** It is this late at least. */
  learnAtLeast(ms: number): void;
}

export function createTrueTime(clock: Pick<Clock, 'now' | 'monotonic'>): TrueTime {
  let told: { readonly timeMs: number; readonly atMs: number } | undefined;
  let floorMs = 0;
  const errorMs = (): number =>
    told === undefined ? 0 : clock.now() - (told.timeMs + clock.monotonic() - told.atMs);
  const isFresh = (): boolean => told !== undefined && clock.monotonic() - told.atMs < BELIEVED_MS;
  const agrees = (): boolean => Math.abs(errorMs()) <= TOLERANCE_MS;
  return {
    now() {
      const believedMs = agrees() || !isFresh() ? clock.now() : clock.now() - errorMs();
      return Math.max(floorMs, believedMs);
    },
    isConfirmed: () => told !== undefined && (agrees() || isFresh()),
    learn: timeMs => void (told = { timeMs, atMs: clock.monotonic() }),
    learnAtLeast: ms => void (floorMs = Math.max(floorMs, ms)),
  };
}
