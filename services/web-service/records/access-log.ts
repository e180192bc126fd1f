import type { Clock, Timer } from '../../../shared/devices/clock.ts';
import type { Exchange } from '../../../shared/devices/http-exchange.ts';
import type { Log } from '../../../shared/devices/log.ts';
import { BURST_BYTES, FAULT_SHARE, FIELD_MAX_CHARS, LINE_BYTES, PASSED_OVER_EVERY_MS } from './limits.ts';

export interface AccessLogSettings {
  /** 'faults': answers of 500 and above alone. */
  readonly level: 'all' | 'faults' | 'off';
  readonly bytesPerDay: number;
}

const DAY_MS = 86_400_000;

/**
 * A line for each exchange, within a measure: a flood of requests neither fills the data volume nor wears the flash, and costs
 * the loop no more than a subtraction for each. What is left out is counted and told.
 */
export class AccessLog implements Disposable {
  readonly #settings: AccessLogSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #all: Measure;
  readonly #faults: Measure;
  #passedOver = 0;
  #passedOverInAll = 0;
  #timer: Timer | undefined;

  constructor(settings: AccessLogSettings, devices: { readonly clock: Clock; readonly log: Log }) {
    this.#settings = settings;
    this.#clock = devices.clock;
    this.#log = devices.log;
    this.#all = new Measure(settings.bytesPerDay * (1 - FAULT_SHARE), devices.clock);
    this.#faults = new Measure(settings.bytesPerDay * FAULT_SHARE, devices.clock);
  }

  /** Exchanges that have no line though the settings ask for one. */
  get passedOver(): number {
    return this.#passedOverInAll;
  }

  /** Whether the settings ask for a line. */
  wants(isFault: boolean): boolean {
    const { level } = this.#settings;
    return level === 'all' || (level === 'faults' && isFault);
  }

  /** `site` is the name that stands in the line. */
  add(exchange: Exchange, site: string): void {
    const isFault = exchange.status >= 500;
    if (!this.wants(isFault)) return;
    const bytes = LINE_BYTES + exchange.target.length + (exchange.agent?.length ?? 0);
    if (this.#all.take(bytes) || (isFault && this.#faults.take(bytes)))
      this.#log.info(lineOf(exchange, site), 'request');
    else this.passOver(1);
  }

  /** Counts what had no chance of a line. */
  passOver(count: number): void {
    if (count === 0) return;
    this.#passedOver += count;
    this.#passedOverInAll += count;
    this.#timer ??= this.#clock.timer(PASSED_OVER_EVERY_MS, () => this.#tell());
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    if (this.#passedOver > 0) this.#tell();
  }

  #tell(): void {
    this.#log.info({ count: this.#passedOver }, 'requests left out of the access log');
    this.#passedOver = 0;
    this.#timer = undefined;
  }
}

/** Bytes that come in evenly over the day and may be saved up to a burst. */
class Measure {
  readonly #clock: Clock;
  readonly #bytesPerMs: number;
  readonly #maxBytes: number;
  #bytes: number;
  #atMs: number;

  constructor(bytesPerDay: number, clock: Clock) {
    this.#clock = clock;
    this.#bytesPerMs = bytesPerDay / DAY_MS;
    this.#maxBytes = Math.min(BURST_BYTES, bytesPerDay);
    this.#bytes = this.#maxBytes;
    this.#atMs = clock.monotonic();
  }

  take(bytes: number): boolean {
    // In a flood the answer is no, and it is found without asking the clock more than the engine did.
    const nowMs = this.#clock.monotonic();
    this.#bytes = Math.min(this.#maxBytes, this.#bytes + (nowMs - this.#atMs) * this.#bytesPerMs);
    this.#atMs = nowMs;
    if (this.#bytes < bytes) return false;
    this.#bytes -= bytes;
    return true;
  }
}

/** `kind` keeps the line from the console (see the Log device), `client` is shortened after a day. */
function lineOf(exchange: Exchange, site: string): Readonly<Record<string, unknown>> {
  const { client, method, status, protocol, sentBytes, referrer, agent } = exchange;
  return {
    kind: 'access',
    site,
    client,
    method,
    path: withoutQuery(exchange.target),
    status,
    protocol,
    bytes: sentBytes,
    ms: Math.round(exchange.durationMs),
    ...(referrer === undefined ? {} : { referrer: withoutQuery(referrer).slice(0, FIELD_MAX_CHARS) }),
    ...(agent === undefined ? {} : { agent: agent.slice(0, FIELD_MAX_CHARS) }),
  };
}

/** A query may hold what lets somebody in: a link to a new password, a shared album. */
function withoutQuery(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : `${target.slice(0, query)}?…`;
}
