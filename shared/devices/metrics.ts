export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  /** Adds `amount` (default 1, never negative). */
  add(amount?: number, labels?: Labels): void;
}
export interface Gauge {
  set(value: number, labels?: Labels): void;
}
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/**
 * Counters for people and Prometheus. Names are `lares_…` with the unit last (`_seconds`, `_bytes`, `_total`); label
 * values come from a small fixed set, never from a stranger. Asking twice for one name gives the same instrument.
 */
export interface Metrics {
  counter(name: string, help: string, labelNames?: readonly string[]): Counter;
  gauge(name: string, help: string, labelNames?: readonly string[]): Gauge;
  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames?: readonly string[],
  ): Histogram;
  /** The Prometheus text exposition format, version 0.0.4. */
  expose(): Promise<string>;
}
