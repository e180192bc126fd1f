import type { Clock, Timer } from '../../shared/devices/clock.ts';
import type { Flow } from '../../shared/devices/tcp.ts';
import { shareOfPlaces } from '../../shared/protocols/http/places.ts';
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
  /** Turned away: every place was taken by a running exchange. */
  readonly refused: number;
}

interface Entry extends Connection {
  readonly flow: Flow;
  readonly address: string;
  running: number;
  idleSinceMs: number;
  /** Since when, and how many bytes, the present window of {@link RATE_WINDOW_MS} counts. */
  windowStartMs: number;
  windowBytes: number;
}

/**
 * All connections of the service, on every listener. When places run out, the connection that has been idle for longest
 * makes room: whoever parks connections loses them, and whoever asks for a page gets one. Where none is idle, the slowest
 * reader of those that are slow makes room. Idle ones stand in the order in which they became so, so each step is cheap.
 */
export class Connections implements Disposable {
  readonly #limits: ConnectionLimits;
  readonly #clock: Clock;
  readonly #all = new Set<Entry>();
  readonly #idle = new Set<Entry>();
  /** Running exchanges that moved too little in their last whole window, with the bytes that they did move. */
  readonly #slow = new Map<Entry, number>();
  readonly #byAddress = new Map<string, Set<Entry>>();
  readonly #counts = { accepted: 0, evicted: 0, idled: 0, refused: 0 };
  /** How many are open, for a server of the same visitors in another thread. */
  readonly #open = new Int32Array(new SharedArrayBuffer(4));
  #openElsewhere: (() => number) | undefined;
  readonly #drained = Promise.withResolvers<void>();
  #draining = false;
  #sweeper: Timer;

  constructor(limits: ConnectionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#sweeper = this.#sweepLater();
  }

  get openShared(): SharedArrayBuffer {
    return this.#open.buffer;
  }

  /** From now on the places are shared with another server, which has so many open. */
  shareWith(openElsewhere: (() => number) | undefined): void {
    this.#openElsewhere = openElsewhere;
  }

  /** Counts a flow in; undefined where there is no place for it, and the flow is then destroyed. */
  admit(flow: Flow): Connection | undefined {
    const address = networkOf(flow.remoteAddress);
    if (this.#draining || !this.#makeRoomFor(address)) {
      this.#counts.refused++;
      flow.destroy();
      return undefined;
    }
    const entry = this.#entryOf(flow, address);
    this.#counts.accepted++;
    this.#all.add(entry);
    Atomics.store(this.#open, 0, this.#all.size);
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
      windowStartMs: 0,
      windowBytes: 0,
      begin: () => {
        if (entry.running++ > 0) return;
        this.#idle.delete(entry);
        this.#beginWindow(entry);
      },
      end: () => {
        if (--entry.running === 0) this.#setIdle(entry);
      },
      sent: bytes => void (entry.windowBytes += bytes),
    };
    return entry;
  }

  #beginWindow(entry: Entry): void {
    entry.windowStartMs = this.#clock.monotonic();
    entry.windowBytes = 0;
  }

  #setIdle(entry: Entry): void {
    if (!this.#all.has(entry)) return;
    this.#slow.delete(entry);
    // The last bytes may still be on their way to the kernel; engines mostly close by themselves before.
    if (this.#draining) this.#clock.timer(LAST_BYTES_MS, () => this.#drop(entry));
    entry.idleSinceMs = this.#clock.monotonic();
    this.#idle.add(entry);
  }

  /** Sees to it that one more connection of `address` has a place. */
  #makeRoomFor(address: string): boolean {
    const sameAddress = this.#byAddress.get(address);
    if (sameAddress !== undefined && sameAddress.size >= this.#limits.perAddressMax)
      if (!this.#evictOneOf(sameAddress, sameAddress)) return false;
    return this.#all.size < this.#max() || this.#evictOneOf(this.#idle, this.#all);
  }

  #max(): number {
    const { max } = this.#limits;
    return this.#openElsewhere === undefined ? max : shareOfPlaces(max, this.#openElsewhere());
  }

  /** The first idle one of `idlest`, else the slowest of `all`. */
  #evictOneOf(idlest: ReadonlySet<Entry>, all: ReadonlySet<Entry>): boolean {
    const entry = idlest.values().find(({ running }) => running === 0) ?? this.#slowestOf(all);
    if (entry === undefined) return false;
    this.#counts.evicted++;
    this.#drop(entry);
    return true;
  }

  #slowestOf(entries: ReadonlySet<Entry>): Entry | undefined {
    let slowest: Entry | undefined;
    let leastBytes = Infinity;
    for (const [entry, bytes] of this.#slow) {
      if (bytes >= leastBytes || !entries.has(entry)) continue;
      slowest = entry;
      leastBytes = bytes;
    }
    return slowest;
  }

  #sweepLater(): Timer {
    return this.#clock.timer(SWEEP_INTERVAL_MS, () => {
      const before = this.#clock.monotonic() - this.#limits.idleMaxMs;
      for (const entry of this.#idle) {
        if (entry.idleSinceMs > before) break;
        this.#counts.idled++;
        this.#drop(entry);
      }
      for (const entry of this.#all) if (entry.running > 0) this.#judge(entry);
      this.#sweeper = this.#sweepLater();
    });
  }

  /** At the end of its window, finds a running exchange slow or not. */
  #judge(entry: Entry): void {
    const elapsedMs = this.#clock.monotonic() - entry.windowStartMs;
    if (elapsedMs < RATE_WINDOW_MS) return;
    if (entry.windowBytes < (SLOW_BYTES_PER_SECOND * elapsedMs) / 1000)
      this.#slow.set(entry, entry.windowBytes);
    else this.#slow.delete(entry);
    this.#beginWindow(entry);
  }

  #drop(entry: Entry): void {
    this.#forget(entry);
    entry.flow.destroy();
  }

  #forget(entry: Entry): void {
    if (!this.#all.delete(entry)) return;
    Atomics.store(this.#open, 0, this.#all.size);
    this.#idle.delete(entry);
    this.#slow.delete(entry);
    const sameAddress = this.#byAddress.get(entry.address);
    sameAddress?.delete(entry);
    if (sameAddress?.size === 0) this.#byAddress.delete(entry.address);
    if (this.#draining && this.#all.size === 0) this.#drained.resolve();
  }
}
