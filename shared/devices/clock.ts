/** A pending callback of {@link Clock.timer}. Disposing it before it is due cancels it; afterwards it does nothing. */
export interface Timer extends Disposable {
  cancel(): void;
}

/** Time as the world tells it. In simulation it moves only when the world moves it. */
export interface Clock {
  /** Wall time in milliseconds since 1970-01-01T00:00:00Z. May jump either way when the clock is corrected. */
  now(): number;

  /** Milliseconds since an arbitrary start. Never goes back and never jumps; measure durations with it. */
  monotonic(): number;

  /**
   * Resolves after `ms` monotonic milliseconds (0 or less: in a later turn of the loop).
   * @throws the signal's reason at once when `signal` is or becomes aborted; the wait is then gone.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;

  /**
   * Calls `callback` once after `ms` monotonic milliseconds, never within this call. A pending timer does not keep
   * the process alive. `callback` must not throw.
   */
  timer(ms: number, callback: () => void): Timer;
}
