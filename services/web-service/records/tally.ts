import type { Clock, Timer } from '../../../shared/devices/clock.ts';
import type { Exchange, ExchangeSum } from '../../../shared/devices/http-exchange.ts';
import type { Counter, Histogram, Metrics } from '../../../shared/devices/metrics.ts';
import { DURATION_BUCKETS_SECONDS, DURATIONS_PER_FLUSH_MAX, FLUSH_AFTER_MS } from './limits.ts';

/** What one site was asked on the present day (UTC), as far as this run saw it. */
export interface DayCounts {
  readonly requests: number;
  /** Answers of 500 and above. */
  readonly faults: number;
  readonly bytes: number;
}

interface SiteCounts {
  readonly name: string;
  /** Since the last flush, by protocol and class of status. */
  readonly requests: Map<string, { readonly protocol: string; readonly statusClass: string; count: number }>;
  bytes: number;
  day: number;
  dayRequests: number;
  dayFaults: number;
  dayBytes: number;
}

const DAY_MS = 86_400_000;

/** Counts exchanges by site. On the way of a request it only adds numbers; metrics get them once a second. */
export class Tally implements Disposable {
  readonly #clock: Clock;
  readonly #sites: readonly SiteCounts[];
  /** Requests that no site was found for: unknown names, the redirecting port. */
  readonly #none: SiteCounts = newCounts('-');
  readonly #requests: Counter;
  readonly #bytes: Counter;
  readonly #durations: Histogram;
  #observed = 0;
  #timer: Timer | undefined;

  constructor(siteNames: readonly string[], devices: { readonly clock: Clock; readonly metrics: Metrics }) {
    const { clock, metrics } = devices;
    this.#clock = clock;
    this.#sites = siteNames.map(newCounts);
    const labels = ['site', 'protocol', 'class'];
    this.#requests = metrics.counter('lares_web_requests_total', 'Requests answered, by site.', labels);
    this.#bytes = metrics.counter('lares_web_sent_bytes_total', 'Content sent, by site.', ['site']);
    this.#durations = metrics.histogram(
      'lares_web_request_duration_seconds',
      `From a request's head to the end of its answer; at most ${DURATIONS_PER_FLUSH_MAX} a second are looked at.`,
      DURATION_BUCKETS_SECONDS,
      ['site'],
    );
  }

  /** Exchanges that have just ended. */
  add(sum: ExchangeSum): void {
    count(this.#sites[sum.site] ?? this.#none, sum, this.#today());
    this.#timer ??= this.#clock.timer(FLUSH_AFTER_MS, () => this.flush());
  }

  /** Puts the duration of one of those that were added into the histogram. */
  observe({ site, durationMs }: Exchange): void {
    if (this.#observed++ < DURATIONS_PER_FLUSH_MAX)
      this.#durations.observe(durationMs / 1000, { site: this.nameOf(site) });
  }

  /** What was counted since the last time, to the metrics. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#observed = 0;
    for (const site of [...this.#sites, this.#none]) {
      for (const { protocol, statusClass, count: amount } of site.requests.values())
        this.#requests.add(amount, { site: site.name, protocol, class: statusClass });
      if (site.bytes > 0) this.#bytes.add(site.bytes, { site: site.name });
      site.requests.clear();
      site.bytes = 0;
    }
  }

  nameOf(index: number): string {
    return (this.#sites[index] ?? this.#none).name;
  }

  /** By site, in the order of the configuration. */
  today(): readonly (readonly [name: string, DayCounts])[] {
    const today = this.#today();
    return this.#sites.map(site => {
      const { day, dayRequests: requests, dayFaults: faults, dayBytes: bytes } = site;
      return [site.name, day === today ? { requests, faults, bytes } : { requests: 0, faults: 0, bytes: 0 }];
    });
  }

  [Symbol.dispose](): void {
    this.flush();
  }

  #today(): number {
    return Math.floor(this.#clock.now() / DAY_MS);
  }
}

function newCounts(name: string): SiteCounts {
  return { name, requests: new Map(), bytes: 0, day: 0, dayRequests: 0, dayFaults: 0, dayBytes: 0 };
}

function count(site: SiteCounts, sum: ExchangeSum, day: number): void {
  const { protocol, statusClass, requests, sentBytes } = sum;
  const key = protocol + statusClass;
  const counted = site.requests.get(key);
  if (counted === undefined) site.requests.set(key, { protocol, statusClass, count: requests });
  else counted.count += requests;
  site.bytes += sentBytes;
  if (site.day !== day) {
    site.day = day;
    site.dayRequests = site.dayFaults = site.dayBytes = 0;
  }
  site.dayRequests += requests;
  if (statusClass === '5xx') site.dayFaults += requests;
  site.dayBytes += sentBytes;
}
