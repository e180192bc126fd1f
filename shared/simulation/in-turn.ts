/** Runs work for one key after all work asked for that key before, whether that succeeded or not. */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const outcome = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, outcome);
    const forget = (): void => {
      if (this.#last.get(key) === outcome) this.#last.delete(key);
    };
    outcome.then(forget, forget);
    return outcome;
  }
}
