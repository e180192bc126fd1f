import type { Clock, Timer } from '../../shared/devices/clock.ts';
import type { Flow } from '../../shared/devices/tcp.ts';
import { addressKey } from './address-key.ts';
import { LAST_BYTES_MS, SWEEP_INTERVAL_MS } from './limits.ts';

/** One client's connection as the limits see it. */
export interface Connection {
  /** An exchange begins: from the first until the last has ended the connection is never closed to make room. */
  begin(): void;
  end(): void;
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
  /** Turned away: every place was taken by a running exchange. */
  readonly refused: number;
}

interface Entry extends Connection {
  readonly flow: Flow;
  readonly address: string;
  running: number;
  idleSinceMs: number;
}

/**
 * All connections of the service, on every listener. When places run out, the connection that has been idle for longest
 * makes room: whoever parks connections loses them, and whoever asks for a page gets one. Idle ones stand in the order
 * in which they became so, so each step is cheap.
 */
export class Connections implements Disposable {
  readonly #limits: ConnectionLimits;
  readonly #clock: Clock;
  readonly #all = new Set<Entry>();
  readonly #idle = new Set<Entry>();
  readonly #byAddress = new Map<string, Set<Entry>>();
  readonly #counts = { accepted: 0, evicted: 0, idled: 0, refused: 0 };
  readonly #drained = Promise.withResolvers<void>();
  #draining = false;
  #sweeper: Timer;

  constructor(limits: ConnectionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#sweeper = this.#sweepLater();
  }

  /** Counts a flow in; undefined where there is no place for it, and the flow is then destroyed. */
  admit(flow: Flow): Connection | undefined {
    const address = addressKey(flow.remoteAddress ?? '');
    if (this.#draining || !this.#makeRoomFor(address)) {
      this.#counts.refused++;
      flow.destroy();
      return undefined;
    }
    const entry = this.#entryOf(flow, address);
    this.#counts.accepted++;
    this.#all.add(entry);
    const sameAddress = this.#byAddress.get(address);
    if (sameAddress === undefined) this.#byAddress.set(address, new Set([entry]));
    else sameAddress.add(entry);
    this.#setIdle(entry);
    flow.once('close', () => this.#forget(entry));
    return entry;
  }

  counts(): ConnectionCounts {
    return { open: this.#all.size, ...this.#counts };
  }

  /** Closes what is idle, now and as exchanges end, admits no more, and resolves when none is left: after `ms` at the latest. */
  async drain(ms: number): Promise<void> {
    this.#draining = true;
    this.#sweeper.cancel();
    for (const entry of this.#idle) this.#drop(entry);
    if (this.#all.size === 0) return;
    using _deadline = this.#clock.timer(ms, () => {
      for (const entry of this.#all) this.#drop(entry);
    });
    await this.#drained.promise;
  }

  [Symbol.dispose](): void {
    this.#sweeper.cancel();
  }

  #entryOf(flow: Flow, address: string): Entry {
    const entry: Entry = {
      flow,
      address,
      running: 0,
      idleSinceMs: 0,
      begin: () => {
        if (entry.running++ === 0) this.#idle.delete(entry);
      },
      end: () => {
        if (--entry.running === 0) this.#setIdle(entry);
      },
    };
    return entry;
  }

  #setIdle(entry: Entry): void {
    if (!this.#all.has(entry)) return;
    // The last bytes may still be on their way to the kernel; engines mostly close by themselves before.
    if (this.#draining) this.#clock.timer(LAST_BYTES_MS, () => this.#drop(entry));
    entry.idleSinceMs = this.#clock.monotonic();
    this.#idle.add(entry);
  }

  /** Sees to it that one more connection of `address` has a place. */
  #makeRoomFor(address: string): boolean {
    const sameAddress = this.#byAddress.get(address);
    if (sameAddress !== undefined && sameAddress.size >= this.#limits.perAddressMax)
      if (!this.#evictOneOf(sameAddress)) return false;
    return this.#all.size < this.#limits.max || this.#evictOneOf(this.#idle);
  }

  #evictOneOf(entries: Iterable<Entry>): boolean {
    for (const entry of entries) {
      if (entry.running > 0) continue;
      this.#counts.evicted++;
      this.#drop(entry);
      return true;
    }
    return false;
  }

  #sweepLater(): Timer {
    return this.#clock.timer(SWEEP_INTERVAL_MS, () => {
      const before = this.#clock.monotonic() - this.#limits.idleMaxMs;
      for (const entry of this.#idle) {
        if (entry.idleSinceMs > before) break;
        this.#counts.idled++;
        this.#drop(entry);
      }
      this.#sweeper = this.#sweepLater();
    });
  }

  #drop(entry: Entry): void {
    this.#forget(entry);
    entry.flow.destroy();
  }

  #forget(entry: Entry): void {
    if (!this.#all.delete(entry)) return;
    this.#idle.delete(entry);
    const sameAddress = this.#byAddress.get(entry.address);
    sameAddress?.delete(entry);
    if (sameAddress?.size === 0) this.#byAddress.delete(entry.address);
    if (this.#draining && this.#all.size === 0) this.#drained.resolve();
  }
}
