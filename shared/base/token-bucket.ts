/** So many events at once, and so many more in every second. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #filledMs: number;

  constructor(burst: number, perSecond: number, nowMs: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
    this.#filledMs = nowMs;
  }

  /** Whether there was one left. */
  spend(nowMs: number): boolean {
    const grown = this.#tokens + ((nowMs - this.#filledMs) * this.#perSecond) / 1000;
    this.#filledMs = nowMs;
    this.#tokens = Math.min(this.#burst, grown);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  earn(tokens: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + tokens);
  }
}
