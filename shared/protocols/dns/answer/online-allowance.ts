/**
 * Answers that need a signature of their own, in a second, from one plane or transport. Such a signature takes some 60 µs, so they cost an eighth
 * of a core at most; honest resolvers ask for a name that is not there once in its negative TTL.
 */
export const ONLINE_ANSWERS_PER_SECOND = 2_000;

/** Bounds what a flood of questions for names that are not there costs where signatures are made: a bucket that holds a second's worth. */
export class OnlineAllowance {
  #left: number = ONLINE_ANSWERS_PER_SECOND;
  #lastMs = 0;

  /** Whether one more may be made. A clock that is set back gives nothing and takes nothing. */
  take(nowMs: number): boolean {
    const gained = (Math.max(0, nowMs - this.#lastMs) * ONLINE_ANSWERS_PER_SECOND) / 1_000;
    this.#left = Math.min(ONLINE_ANSWERS_PER_SECOND, this.#left + gained);
    this.#lastMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
