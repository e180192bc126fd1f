import type { Clock } from '../../../shared/devices/clock.ts';
import type { Flow } from '../../../shared/devices/tcp.ts';
import { Places, type Place } from '../../../shared/protocols/http/places.ts';
import { networkOf } from '../../../shared/protocols/ip/network-of.ts';
import { HANDSHAKES_MAX, HANDSHAKES_PER_NETWORK_MAX } from './limits.ts';

/** A flow's place among those that are not through TLS yet. */
export type Handshake = Place<Flow>;

/** Bounds the TLS handshakes that are under way. When places run out, the network with the most gives up the one that began first. */
export class Handshakes implements Disposable {
  readonly #clock: Clock;
  readonly #places = new Places<Flow>({
    max: HANDSHAKES_MAX,
    perNetworkMax: HANDSHAKES_PER_NETWORK_MAX,
    slowBytesPerSecond: 0,
    rateWindowMs: Infinity,
  });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#places.size;
  }

  /** undefined: there is no place, and the flow is closed. */
  begin(flow: Flow): Handshake | undefined {
    const { remoteAddress } = flow;
    const place =
      remoteAddress === undefined
        ? undefined
        : this.#places.admit(
            flow,
            networkOf(remoteAddress),
            this.#clock.monotonic(),
            other => void other.destroy(),
          );
    if (place === undefined) flow.destroy();
    else flow.once('close', () => this.end(place));
    return place;
  }

  /** Its owner has the flow. */
  end(handshake: Handshake): void {
    this.#places.leave(handshake);
  }

  [Symbol.dispose](): void {
    for (const flow of this.#places.holders()) flow.destroy();
  }
}
