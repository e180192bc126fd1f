import type { Clock, Timer } from '../../devices/clock.ts';
import type { Files } from '../../devices/files.ts';
import type { Health } from '../service.ts';
import { DISK_SAMPLES_MAX, daysUntilFull, type DiskSample } from './disk-forecast.ts';
import type { DiskStatus } from './report.ts';

const SAMPLE_EVERY_MS = 3_600_000;
/** A week is time to order a disk. */
const WARN_DAYS = 7;
const WARN_FREE_SHARE = 0.05;

export interface DiskWatch extends Disposable {
  status(): Promise<DiskStatus | undefined>;
}

/** Samples the data volume each hour and degrades health before it is full. */
export function startDiskWatch(devices: { clock: Clock; files: Files; health: Health }): DiskWatch {
  const samples: DiskSample[] = [];
  let timer: Timer | undefined;
  const status = async (): Promise<DiskStatus | undefined> => {
    const space = await devices.files.space().catch(() => undefined);
    return space && { ...space, daysUntilFull: daysUntilFull(samples, space.freeBytes) };
  };
  const sample = async (): Promise<void> => {
    timer = devices.clock.timer(SAMPLE_EVERY_MS, () => void sample());
    const space = await devices.files.space().catch(() => undefined);
    if (space === undefined) return;
    samples.push({ timeMs: devices.clock.monotonic(), usedBytes: space.totalBytes - space.freeBytes });
    if (samples.length > DISK_SAMPLES_MAX) samples.shift();
    const trouble = troubleOf({ ...space, daysUntilFull: daysUntilFull(samples, space.freeBytes) });
    if (trouble === undefined) devices.health.recover('disk');
    else devices.health.degrade('disk', trouble);
  };
  void sample();
  return { status, [Symbol.dispose]: () => timer?.cancel() };
}

/** The sentence for people, or undefined where there is room. */
export function troubleOf({ freeBytes, totalBytes, daysUntilFull: days }: DiskStatus): string | undefined {
  if (totalBytes > 0 && freeBytes / totalBytes < WARN_FREE_SHARE)
    return `The data volume is nearly full: ${Math.round((freeBytes / totalBytes) * 100)} % is free`;
  if (days !== undefined && days < WARN_DAYS)
    return `At this rate the data volume is full in ${Math.floor(days)} days`;
  return undefined;
}
