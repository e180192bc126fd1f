import type { Clock, Timer } from '../../devices/clock.ts';
import { DEBT_MAX_MS, SLOW_BYTES_PER_SECOND, SWEEP_INTERVAL_MS } from './limits.ts';

/** No place, and none came free in time. */
export class NoPlaceError extends Error {
  override name = 'NoPlaceError';
}

export interface PlaceLimits {
  readonly max: number;
  readonly perShareMax: number;
  readonly waitingMax: number;
  readonly waitingPerShareMax: number;
  readonly waitMaxMs: number;
}

/** Who holds a place, as far as it matters to those who wait for it. */
export interface Holder {
  /** The network that the client is in: no share takes all places. */
  readonly share: string;
  /** Bytes moved since the start, both ways. */
  readonly movedBytes: () => number;
  /** Whether at this moment it is the client that does not read or send. */
  readonly waitsForClient: () => boolean;
  /** Called once where the place is taken away. */
  readonly giveWay: () => void;
}

/** The right to use the backend; disposing gives it back, also a second time. */
export type Place = Disposable;

interface Taken {
  readonly holder: Holder;
  movedBytes: number;
  /** How long the client made us wait, less what it moved meanwhile at the least rate. */
  debtMs: number;
}

interface Waiting {
  readonly holder: Holder;
  readonly grant: (place: Place) => void;
}

/**
 * Places at a backend. Where all are taken a request waits; whose client is slow on purpose makes room for it, as in the
 * service's own limit on connections. A backend that is slow itself costs nobody a place.
 */
export class Places implements Disposable {
  readonly #limits: PlaceLimits;
  readonly #clock: Clock;
  readonly #taken = new Set<Taken>();
  readonly #waiting = new Set<Waiting>();
  #sweeper: Timer | undefined;

  constructor(limits: PlaceLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  counts(): { readonly taken: number; readonly waiting: number } {
    return { taken: this.#taken.size, waiting: this.#waiting.size };
  }

  /** @throws NoPlaceError; the signal's reason. */
  take(holder: Holder, signal: AbortSignal): Promise<Place> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#hasRoomFor(holder)) return resolve(this.#grant(holder));
      if (!this.#mayWait(holder)) return reject(new NoPlaceError('too many requests wait already'));
      const settle = (): void => {
        this.#waiting.delete(waiting);
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => (settle(), reject(signal.reason as Error));
      const timer = this.#clock.timer(this.#limits.waitMaxMs, () => {
        settle();
        reject(new NoPlaceError(`no place within ${this.#limits.waitMaxMs} ms`));
      });
      const waiting: Waiting = { holder, grant: place => (settle(), resolve(place)) };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiting);
      this.#makeRoom();
    });
  }

  [Symbol.dispose](): void {
    this.#sweeper?.cancel();
    this.#sweeper = undefined;
  }

  #hasRoomFor({ share }: Holder): boolean {
    return this.#taken.size < this.#limits.max && countOf(this.#taken, share) < this.#limits.perShareMax;
  }

  #mayWait({ share }: Holder): boolean {
    const { waitingMax, waitingPerShareMax } = this.#limits;
    return this.#waiting.size < waitingMax && countOf(this.#waiting, share) < waitingPerShareMax;
  }

  #grant(holder: Holder): Place {
    const taken: Taken = { holder, movedBytes: 0, debtMs: 0 };
    this.#taken.add(taken);
    this.#sweeper ??= this.#sweepLater();
    return {
      [Symbol.dispose]: () => {
        if (this.#taken.delete(taken)) this.#serveNext();
      },
    };
  }

  #serveNext(): void {
    for (const waiting of this.#waiting)
      if (this.#hasRoomFor(waiting.holder)) waiting.grant(this.#grant(waiting.holder));
  }

  #sweepLater(): Timer {
    return this.#clock.timer(SWEEP_INTERVAL_MS, () => {
      for (const taken of this.#taken) judge(taken);
      this.#makeRoom();
      this.#sweeper = this.#taken.size === 0 ? undefined : this.#sweepLater();
    });
  }

  /** For every one who waits, the deepest in debt of those who stand in its way goes. */
  #makeRoom(): void {
    for (const { holder } of [...this.#waiting]) {
      const sameShare = countOf(this.#taken, holder.share) >= this.#limits.perShareMax;
      const debtor = deepest(this.#taken, taken => !sameShare || taken.holder.share === holder.share);
      if (debtor === undefined) continue;
      this.#taken.delete(debtor);
      debtor.holder.giveWay();
      this.#serveNext();
    }
  }
}

function judge(taken: Taken): void {
  const movedBytes = taken.holder.movedBytes();
  const paidMs = ((movedBytes - taken.movedBytes) * 1000) / SLOW_BYTES_PER_SECOND;
  const waitedMs = taken.holder.waitsForClient() ? SWEEP_INTERVAL_MS : 0;
  taken.movedBytes = movedBytes;
  taken.debtMs = Math.max(0, taken.debtMs + waitedMs - paidMs);
}

function deepest(all: Iterable<Taken>, counts: (taken: Taken) => boolean): Taken | undefined {
  let found: Taken | undefined;
  for (const taken of all)
    if (taken.debtMs >= DEBT_MAX_MS && counts(taken) && taken.debtMs > (found?.debtMs ?? 0)) found = taken;
  return found;
}

function countOf(all: Iterable<{ readonly holder: Holder }>, share: string): number {
  let count = 0;
  for (const { holder } of all) if (holder.share === share) count++;
  return count;
}
