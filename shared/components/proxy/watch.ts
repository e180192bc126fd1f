import type { Clock, Timer } from '../../devices/clock.ts';
import type { Log } from '../../devices/log.ts';
import { PROBE_INTERVAL_MS } from './limits.ts';

/** The appliance's health, as far as a backend needs it. */
export interface BackendHealth {
  degrade(key: string, reason: string): void;
  recover(key: string): void;
}

export interface WatchDevices {
  readonly clock: Clock;
  readonly log: Log;
  readonly health: BackendHealth;
}

/** One line a minute is enough to find out what is wrong with a backend; the access log has every answer. */
const FAULT_LINE_EVERY_MS = 60_000;

/** Says when a backend cannot be reached and when it can be again. While it cannot, it is tried now and then. */
export class BackendWatch implements Disposable {
  readonly #name: string;
  readonly #url: string;
  readonly #devices: WatchDevices;
  readonly #probe: () => void;
  #timer: Timer | undefined;
  #reason: string | undefined;
  #faultLineMs = -Infinity;
  #faults = 0;
  #isClosed = false;

  /** `probe` tries to connect, and tells the outcome by {@link connected}. */
  constructor(backend: { name: string; url: string }, devices: WatchDevices, probe: () => void) {
    this.#name = backend.name;
    this.#url = backend.url;
    this.#devices = devices;
    this.#probe = probe;
  }

  /** Why it is down; undefined while it is up. */
  reason(): string | undefined {
    return this.#reason;
  }

  /** The outcome of an attempt to connect: undefined where it succeeded. */
  connected(error: unknown): void {
    if (this.#isClosed) return;
    if (error !== undefined) this.#setDown(messageOf(error));
    else if (this.#reason !== undefined) this.#setUp();
  }

  /** An exchange failed behind us. */
  faulted(error: unknown): void {
    this.#faults++;
    const nowMs = this.#devices.clock.monotonic();
    if (nowMs - this.#faultLineMs < FAULT_LINE_EVERY_MS) return;
    this.#devices.log.warn(
      { site: this.#name, backend: this.#url, reason: messageOf(error), count: this.#faults },
      'a backend failed',
    );
    this.#faultLineMs = nowMs;
    this.#faults = 0;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #setDown(reason: string): void {
    if (this.#reason === undefined) this.#probeLater();
    this.#reason = reason;
    this.#devices.health.degrade(
      `backend-${this.#name}`,
      `The server behind ${this.#name} does not answer (${this.#url}): ${reason}. It is tried every ${PROBE_INTERVAL_MS / 1000} s`,
    );
  }

  #setUp(): void {
    this.#reason = undefined;
    this.#timer?.cancel();
    this.#devices.health.recover(`backend-${this.#name}`);
    this.#devices.log.info({ site: this.#name, backend: this.#url }, 'a backend answers again');
  }

  #probeLater(): void {
    this.#timer = this.#devices.clock.timer(PROBE_INTERVAL_MS, () => {
      this.#probeLater();
      this.#probe();
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'an unknown fault';
}
