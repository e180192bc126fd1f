/** How full the volume was at one time. */
export interface DiskSample {
  readonly timeMs: number;
  readonly usedBytes: number;
}

/** A month by the hour: slower trends than that leave time for a look at the status page. */
export const DISK_SAMPLES_MAX = 720;
/** Less time says nothing: a single upload would look like a trend. */
const SPAN_MIN_MS = 6 * 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Days until nothing is free, by the least-squares line through the samples; undefined where the use does not grow, or
 * they span less than six hours.
 */
export function daysUntilFull(samples: readonly DiskSample[], freeBytes: number): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.timeMs - first.timeMs < SPAN_MIN_MS) return undefined;
  const meanTime = mean(samples.map(sample => sample.timeMs));
  const meanUsed = mean(samples.map(sample => sample.usedBytes));
  let covariance = 0;
  let variance = 0;
  for (const { timeMs, usedBytes } of samples) {
    covariance += (timeMs - meanTime) * (usedBytes - meanUsed);
    variance += (timeMs - meanTime) ** 2;
  }
  const bytesPerDay = (covariance / variance) * DAY_MS;
  return bytesPerDay > 0 ? Math.max(0, freeBytes) / bytesPerDay : undefined;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
