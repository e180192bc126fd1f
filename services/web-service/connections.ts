import type { Clock, Timer } from '../../shared/devices/clock.ts';
import type { Flow } from '../../shared/devices/tcp.ts';
import { PlaceCounts } from '../../shared/protocols/http/place-counts.ts';
import { Places, type Place } from '../../shared/protocols/http/places.ts';
import { networkOf } from '../../shared/protocols/ip/network-of.ts';
import { LAST_BYTES_MS, RATE_WINDOW_MS, SLOW_BYTES_PER_SECOND, SWEEP_INTERVAL_MS } from './limits.ts';

/** One client's connection as the limits see it. */
export interface Connection {
  /** An exchange begins: from the first until the last has ended only slowness makes the connection give way. */
  begin(): void;
  end(): void;
  /** So many bytes of an answer went on their way. */
  sent(bytes: number): void;
}

export interface ConnectionLimits {
  readonly max: number;
  readonly perAddressMax: number;
  readonly idleMaxMs: number;
}

export interface ConnectionCounts {
  readonly open: number;
  readonly accepted: number;
  /** Closed to make room for another. */
  readonly evicted: number;
  /** Closed after being idle for too long. */
  readonly idled: number;
  /** Turned away: there was nobody to make room. */
  readonly refused: number;
}

/** All connections of the service, on every listener, and who makes room when places run out: see {@link Places}. */
export class Connections implements Disposable {
  /** Of these connections, and of those of a server in another thread that writes the second part. */
  readonly placeCounts: SharedArrayBuffer;
  readonly #idleMaxMs: number;
  readonly #clock: Clock;
  readonly #places: Places<Flow>;
  readonly #counts = { accepted: 0, evicted: 0, idled: 0, refused: 0 };
  readonly #drained = Promise.withResolvers<void>();
  #isShared = false;
  #draining = false;
  #sweeper: Timer;

  constructor({ max, perAddressMax, idleMaxMs }: ConnectionLimits, clock: Clock) {
    this.#idleMaxMs = idleMaxMs;
    this.#clock = clock;
    this.placeCounts = PlaceCounts.memoryFor(max);
    const elsewhere = new PlaceCounts(this.placeCounts, 1);
    const elsewhereIfShared = (): PlaceCounts | undefined => (this.#isShared ? elsewhere : undefined);
    this.#places = new Places({
      max,
      perNetworkMax: perAddressMax,
      slowBytesPerSecond: SLOW_BYTES_PER_SECOND,
      rateWindowMs: RATE_WINDOW_MS,
      here: new PlaceCounts(this.placeCounts, 0),
      get elsewhere() {
        return elsewhereIfShared();
      },
    });
    this.#sweeper = this.#sweepLater();
  }

  /** From now on the places are shared, or no longer, with the server that got {@link placeCounts}. */
  share(isShared: boolean): void {
    this.#isShared = isShared;
  }

  /** Counts a flow in; undefined where there is no place for it, and the flow is then destroyed. */
  admit(flow: Flow): Connection | undefined {
    const network = networkOf(flow.remoteAddress);
    const place = this.#draining
      ? undefined
      : this.#places.admit(flow, network, this.#clock.monotonic(), other => {
          this.#counts.evicted++;
          other.destroy();
        });
    if (place === undefined) {
      this.#counts.refused++;
      flow.destroy();
      return undefined;
    }
    this.#counts.accepted++;
    flow.once('close', () => this.#forget(place));
    return this.#connectionOf(place);
  }

  counts(): ConnectionCounts {
    return { open: this.#places.size, ...this.#counts };
  }

  /** Closes what is idle, now and as exchanges end, admits no more, and resolves when none is left: after `ms` at the latest. */
  async drain(ms: number): Promise<void> {
    this.#draining = true;
    this.#sweeper.cancel();
    for (const flow of this.#places.idleHolders()) flow.destroy();
    if (this.#places.size === 0) return;
    using _deadline = this.#clock.timer(ms, () => {
      for (const flow of this.#places.holders()) flow.destroy();
      this.#drained.resolve();
    });
    await this.#drained.promise;
  }

  [Symbol.dispose](): void {
    this.#sweeper.cancel();
  }

  #connectionOf(place: Place<Flow>): Connection {
    const places = this.#places;
    return {
      begin: () => places.begin(place, this.#clock.monotonic()),
      end: () => {
        places.end(place, this.#clock.monotonic());
        // The last bytes may still be on their way to the kernel; engines mostly close by themselves before.
        if (this.#draining && place.running === 0 && !place.holder.destroyed)
          this.#clock.timer(LAST_BYTES_MS, () => place.holder.destroy());
      },
      sent: bytes => void (place.windowBytes += bytes),
    };
  }

  #sweepLater(): Timer {
    return this.#clock.timer(SWEEP_INTERVAL_MS, () => {
      const nowMs = this.#clock.monotonic();
      for (const flow of this.#places.expire(nowMs - this.#idleMaxMs)) {
        this.#counts.idled++;
        flow.destroy();
      }
      this.#places.judge(nowMs);
      this.#sweeper = this.#sweepLater();
    });
  }

  #forget(place: Place<Flow>): void {
    this.#places.leave(place);
    if (this.#draining && this.#places.size === 0) this.#drained.resolve();
  }
}
