import type { Clock, Timer } from '../../../shared/devices/clock.ts';
import { publicOf } from '../../../shared/protocols/home-address/addresses.ts';
import { messageOf, type Events } from '../events.ts';
import type { FollowedName } from './followed-name.ts';
import { INTERFACE_INTERVAL_MS } from './limits.ts';

/** Tells names of the public addresses that this machine has itself, as long as it is not disposed of. */
export class InterfaceSource implements Disposable {
  readonly #names: readonly FollowedName[];
  readonly #addresses: () => Promise<readonly string[]>;
  readonly #clock: Clock;
  readonly #events: Events;
  #timer: Timer | undefined;
  #isOver = false;

  /** What is not known now may be known ten seconds later. */
  constructor(
    names: readonly FollowedName[],
    addresses: () => Promise<readonly string[]>,
    { clock, events }: { readonly clock: Clock; readonly events: Events },
  ) {
    this.#names = names;
    this.#addresses = addresses;
    this.#clock = clock;
    this.#events = events;
    void this.#look();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    try {
      const sight = publicOf(await this.#addresses());
      if (this.#isOver) return;
      for (const name of this.#names) void name.report('interface', sight);
    } catch (error) {
      this.#events.interfaceFailed(messageOf(error));
    }
    if (this.#isOver) return;
    this.#timer = this.#clock.timer(INTERFACE_INTERVAL_MS, () => void this.#look());
  }
}
