import { median, spread } from './statistics.ts';

/** Below this share of its core a server was not what set the rate. */
const BUSY_MIN = 0.9;

/** One run of a server under load. */
export interface Sample {
  readonly perSecond: number;
  readonly p99Microseconds: number;
  /** Of the server, for one answer. */
  readonly processorMicroseconds: number;
  /** Share of the server's core that was busy. */
  readonly busy: number;
}

export type Summary = Sample & { readonly spread: number };

/** By `<case> <peer>`. */
export type Samples = Map<string, Sample[]>;

export function describeSample(sample: Sample, unit: string): string {
  const rate = `${Math.round(sample.perSecond)}/s`.padStart(9);
  const cost = sample.processorMicroseconds.toFixed(2).padStart(8);
  const busy = Math.round(sample.busy * 100);
  return `${rate}  ${cost} µs/${unit}  core ${busy} % busy  p99 ${Math.round(sample.p99Microseconds)} µs`;
}

/** The medians of several runs. */
export function summaryOf(samples: readonly Sample[]): Summary {
  const values = (pick: (sample: Sample) => number): number[] => samples.map(pick);
  return {
    perSecond: Math.round(median(values(sample => sample.perSecond))),
    spread: round(spread(values(sample => sample.perSecond))),
    processorMicroseconds: round(median(values(sample => sample.processorMicroseconds))),
    busy: round(median(values(sample => sample.busy))),
    p99Microseconds: Math.round(median(values(sample => sample.p99Microseconds))),
  };
}

export interface Comparison {
  readonly details: Readonly<Record<string, Summary>>;
  /** The peer's cost over ours, and our rate over the peer's: above 1 is better for us. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Where one of the two was not busy, so that the generator set the rate, and only the cost counts. */
  readonly voidRates: readonly string[];
}

/** Ours (`lares`) beside each peer, case by case. */
export function compare(samples: Samples, unit: string): Comparison {
  const details: Record<string, Summary> = {};
  for (const [key, values] of samples) details[key] = summaryOf(values);
  const ratios: Record<string, number> = {};
  const voidRates: string[] = [];
  for (const [key, theirs] of Object.entries(details)) {
    const [name = '', peer = ''] = key.split(' ');
    const ours = details[`${name} lares`];
    if (peer === 'lares' || ours === undefined) continue;
    ratios[`${name} vs ${peer} (cpu/${unit})`] = round(
      theirs.processorMicroseconds / ours.processorMicroseconds,
    );
    ratios[`${name} vs ${peer} (p99)`] = round(theirs.p99Microseconds / ours.p99Microseconds);
    if (Math.min(ours.busy, theirs.busy) < BUSY_MIN) voidRates.push(`${name} vs ${peer}`);
    else ratios[`${name} vs ${peer} (rate)`] = round(ours.perSecond / theirs.perSecond);
  }
  return { details, ratios, voidRates };
}

export function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
