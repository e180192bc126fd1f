import type { Labels, Metrics } from '../devices/metrics.ts';
import { createHostMetrics } from './metrics.ts';

type Shape =
  | { readonly kind: 'counter' | 'gauge'; readonly name: string; readonly help: string }
  | {
      readonly kind: 'histogram';
      readonly name: string;
      readonly help: string;
      readonly buckets: readonly number[];
    };

/** An instrument as it was asked for. */
type Instrument = Shape & { readonly labelNames: readonly string[] };

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  /** What a counter was added, in one number; what a gauge is; everything that a histogram observed. */
  readonly values: readonly number[];
}

/** What was counted since the last batch. */
export interface MetricsBatch {
  readonly made: readonly Instrument[];
  readonly samples: readonly Sample[];
}

export interface ForwardedMetrics extends Metrics {
  /** What was counted since the last call, or undefined where that is nothing. */
  takeBatch(): MetricsBatch | undefined;
}

/** Observations of one histogram between two batches; more are passed over, which leaves its shape as it is. */
const VALUES_MAX = 10_000;

/** Metrics of a worker: they count here, and tell in batches what another thread is to count too. */
export function createForwardedMetrics(): ForwardedMetrics {
  const own = createHostMetrics();
  const known = new Set<string>();
  const pending = new Map<string, { name: string; labels: Labels; values: number[] }>();
  let made: Instrument[] = [];
  const make = (instrument: Instrument): void => {
    if (!known.has(instrument.name)) made.push(instrument);
    known.add(instrument.name);
  };
  const valuesOf = (name: string, labels: Labels): number[] => {
    const key = `${name} ${JSON.stringify(Object.entries(labels).toSorted())}`;
    const sample = pending.get(key) ?? { name, labels, values: [] };
    pending.set(key, sample);
    return sample.values;
  };
  return {
    counter(name, help, labelNames = []) {
      const counter = own.counter(name, help, labelNames);
      make({ kind: 'counter', name, help, labelNames });
      return {
        add(amount = 1, labels = {}) {
          counter.add(amount, labels);
          const values = valuesOf(name, labels);
          values[0] = (values[0] ?? 0) + amount;
        },
      };
    },
    gauge(name, help, labelNames = []) {
      const gauge = own.gauge(name, help, labelNames);
      make({ kind: 'gauge', name, help, labelNames });
      return {
        set(value, labels = {}) {
          gauge.set(value, labels);
          valuesOf(name, labels)[0] = value;
        },
      };
    },
    histogram(name, help, buckets, labelNames = []) {
      const histogram = own.histogram(name, help, buckets, labelNames);
      make({ kind: 'histogram', name, help, buckets, labelNames });
      return {
        observe(value, labels = {}) {
          histogram.observe(value, labels);
          const values = valuesOf(name, labels);
          if (values.length < VALUES_MAX) values.push(value);
        },
      };
    },
    expose: () => own.expose(),
    takeBatch() {
      if (made.length === 0 && pending.size === 0) return undefined;
      const batch = { made, samples: [...pending.values()] };
      made = [];
      pending.clear();
      return batch;
    },
  };
}

/** Gives what counts the batches of one {@link createForwardedMetrics} into `metrics`. */
export function receiveMetrics(metrics: Metrics): (batch: MetricsBatch) => void {
  const instruments = new Map<string, (value: number, labels: Labels) => void>();
  return ({ made, samples }) => {
    for (const instrument of made) instruments.set(instrument.name, open(metrics, instrument));
    for (const { name, labels, values } of samples)
      for (const value of values) instruments.get(name)?.(value, labels);
  };
}

function open(metrics: Metrics, instrument: Instrument): (value: number, labels: Labels) => void {
  const { name, help, labelNames } = instrument;
  switch (instrument.kind) {
    case 'counter': {
      const counter = metrics.counter(name, help, labelNames);
      return (amount, labels) => counter.add(amount, labels);
    }
    case 'gauge': {
      const gauge = metrics.gauge(name, help, labelNames);
      return (value, labels) => gauge.set(value, labels);
    }
    case 'histogram': {
      const histogram = metrics.histogram(name, help, instrument.buckets, labelNames);
      return (value, labels) => histogram.observe(value, labels);
    }
  }
}
