import type { Clock, Timer } from '../../../shared/devices/clock.ts';
import { publicOf } from '../../../shared/protocols/home-address/addresses.ts';
import type { FollowedName } from './followed-name.ts';
import { INTERFACE_INTERVAL_MS } from './limits.ts';

/** Tells names of the public addresses that this machine has itself, as long as it is not disposed of. */
export class InterfaceSource implements Disposable {
  readonly #names: readonly FollowedName[];
  readonly #addresses: () => Promise<readonly string[]>;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(names: readonly FollowedName[], addresses: () => Promise<readonly string[]>, clock: Clock) {
    this.#names = names;
    this.#addresses = addresses;
    this.#clock = clock;
    void this.#look();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    // What is not known now is known ten seconds later.
    const addresses = await this.#addresses().catch(() => undefined);
    if (this.#isOver) return;
    const sight = addresses === undefined ? {} : publicOf(addresses);
    for (const name of this.#names) void name.report('interface', sight);
    this.#timer = this.#clock.timer(INTERFACE_INTERVAL_MS, () => void this.#look());
  }
}
