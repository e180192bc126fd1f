import { assert } from '../base/assert.ts';
import type { Labels, Metrics } from '../devices/metrics.ts';

type Kind = 'counter' | 'gauge' | 'histogram';

/** One name with a value for each set of labels. */
interface Instrument {
  readonly kind: Kind;
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Upper bounds of a histogram, ascending. */
  readonly buckets: readonly number[];
  /** By sample line without the value: `name{label="value"}`. */
  readonly samples: Map<string, number>;
}

/** Instruments in memory, in the order in which they were made. */
export function createSimulatedMetrics(): Metrics {
  const instruments = new Map<string, Instrument>();
  const instrument = (
    kind: Kind,
    name: string,
    shape: Omit<Instrument, 'kind' | 'name' | 'samples'>,
  ): Instrument => {
    const known = instruments.get(name) ?? { kind, name, ...shape, samples: new Map() };
    assert(known.kind === kind, `${name} is already an instrument of another kind`);
    instruments.set(name, known);
    // An instrument without labels shows 0 before anything happened, as Prometheus advises.
    if (kind !== 'histogram' && shape.labelNames.length === 0) add(known, name, {}, 0);
    return known;
  };
  return {
    counter(name, help, labelNames = []) {
      const counter = instrument('counter', name, { help, labelNames, buckets: [] });
      return {
        add(amount = 1, labels = {}) {
          assert(amount >= 0, `${name} never goes down`);
          add(counter, name, labels, amount);
        },
      };
    },
    gauge(name, help, labelNames = []) {
      const gauge = instrument('gauge', name, { help, labelNames, buckets: [] });
      return { set: (value, labels = {}) => void gauge.samples.set(sample(gauge, name, labels), value) };
    },
    histogram(name, help, buckets, labelNames = []) {
      const histogram = instrument('histogram', name, { help, labelNames, buckets });
      return { observe: (value, labels = {}) => observe(histogram, value, labels) };
    },
    async expose() {
      return [...instruments.values()].map(formatInstrument).join('\n');
    },
  };
}

function observe(histogram: Instrument, value: number, labels: Labels): void {
  const { name } = histogram;
  for (const bound of [...histogram.buckets, Infinity]) {
    const le = bound === Infinity ? '+Inf' : String(bound);
    add(histogram, `${name}_bucket`, { ...labels, le }, value <= bound ? 1 : 0);
  }
  add(histogram, `${name}_sum`, labels, value);
  add(histogram, `${name}_count`, labels, 1);
}

function add(instrument: Instrument, name: string, labels: Labels, amount: number): void {
  const key = sample(instrument, name, labels);
  instrument.samples.set(key, (instrument.samples.get(key) ?? 0) + amount);
}

function sample({ labelNames, kind }: Instrument, name: string, labels: Labels): string {
  const given = Object.entries(labels);
  for (const [label] of given)
    assert(
      labelNames.includes(label) || (kind === 'histogram' && label === 'le'),
      `${name} has no label '${label}'`,
    );
  if (given.length === 0) return name;
  return `${name}{${given.map(([label, value]) => `${label}="${escapeValue(value)}"`).join(',')}}`;
}

function formatInstrument({ kind, name, help, samples }: Instrument): string {
  const lines = [
    `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${name} ${kind}`,
  ];
  for (const [key, value] of samples) lines.push(`${key} ${value}`);
  return `${lines.join('\n')}\n`;
}

/** Text exposition format 0.0.4: backslash, quote and line feed are escaped in label values. */
function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
