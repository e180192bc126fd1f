/** Turns that one round of Node's loop gives: at its end the kernel is asked for news, which takes longer than most turns. */
export const TURNS_A_ROUND = 64;

/**
 * The only place where the simulator touches the real event loop. Real time does not matter to it: simulated code waits for
 * nothing but virtual events, so after a turn it is at rest, however long that took.
 */
export class Turns {
  #left = 0;
  #resolve: (() => void) | undefined;

  /**
   * Resolves when every promise callback and `process.nextTick` that is ready, and all that those make ready, has run: Node sees to
   * that after each callback of `setImmediate`. One turn is waited for at a time.
   */
  next(): Promise<void> {
    if (this.#left === 0) {
      this.#left = TURNS_A_ROUND;
      for (let turn = 0; turn < TURNS_A_ROUND; turn++) setImmediate(this.#take);
    }
    return new Promise(resolve => {
      this.#resolve = resolve;
    });
  }

  readonly #take = (): void => {
    this.#left--;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.();
  };
}
