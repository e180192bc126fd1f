import { assert } from '../../../shared/base/assert.ts';
import type { Clock } from '../../../shared/devices/clock.ts';
import type { PlaneShared } from '../../../shared/devices/udp.ts';
import { COMPILE_SHARE } from './limits.ts';

/** Compiles what is answered from, once for all that changed meanwhile. */
export class Compiler {
  onChange: (compiled: PlaneShared) => void = () => undefined;
  readonly #compile: () => PlaneShared;
  readonly #clock: Clock;
  #compiled: PlaneShared | undefined;
  /** The next time, for all that come before it. */
  #next: Promise<void> | undefined;
  /** Not before this, by the monotonic clock. */
  #earliestMs = 0;

  constructor(compile: () => PlaneShared, clock: Clock) {
    this.#compile = compile;
    this.#clock = clock;
  }

  get compiled(): PlaneShared {
    assert(this.#compiled !== undefined, 'the zones are compiled before they are served');
    return this.#compiled;
  }

  compileNow(): void {
    const startMs = this.#clock.monotonic();
    this.#compiled = this.#compile();
    const endMs = this.#clock.monotonic();
    this.#earliestMs = endMs + (COMPILE_SHARE - 1) * (endMs - startMs);
    this.onChange(this.#compiled);
  }

  /** Resolves when what there is at the call is compiled and handed on. */
  serve(): Promise<void> {
    this.#next ??= this.#serveLater();
    return this.#next;
  }

  async #serveLater(): Promise<void> {
    await this.#clock.sleep(this.#earliestMs - this.#clock.monotonic());
    this.#next = undefined;
    this.compileNow();
  }
}
