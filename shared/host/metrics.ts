import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { assert } from '../base/assert.ts';
import type { Metrics } from '../devices/metrics.ts';

/** Instruments in a registry of their own, exposed by prom-client. */
export function createHostMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const known = <T>(name: string, kind: abstract new (...values: never[]) => T): T | undefined => {
    const instrument: unknown = registry.getSingleMetric(name);
    assert(
      instrument === undefined || instrument instanceof kind,
      `${name} is already an instrument of another kind`,
    );
    return instrument;
  };
  return {
    counter(name, help, labelNames = []) {
      const counter = known(name, Counter) ?? new Counter({ name, help, labelNames, registers });
      return { add: (amount = 1, labels = {}) => counter.inc({ ...labels }, amount) };
    },
    gauge(name, help, labelNames = []) {
      const gauge = known(name, Gauge) ?? new Gauge({ name, help, labelNames, registers });
      return { set: (value, labels = {}) => gauge.set({ ...labels }, value) };
    },
    histogram(name, help, buckets, labelNames = []) {
      const histogram =
        known(name, Histogram) ?? new Histogram({ name, help, buckets: [...buckets], labelNames, registers });
      return { observe: (value, labels = {}) => histogram.observe({ ...labels }, value) };
    },
    expose: () => registry.metrics(),
  };
}
