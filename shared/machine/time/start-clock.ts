import { existsSync, readFileSync } from 'node:fs';
import { writeDurably } from '../data-volume/marker.ts';
import { EARLIEST_MS, LATEST_MS } from './limits.ts';

/** Where the clock got its time from before any server was asked. */
export interface StartTime {
  /** What to set the clock to; absent where it is right already. */
  readonly setToMs?: number;
  readonly source: 'hardware clock' | 'newest time on the data volume' | 'release date of the image';
}

/**
 * The kernel has set the clock from the hardware's where there is one. A hardware clock that lags behind a time this
 * machine has already seen has lost its battery.
 */
export function chooseStartTime(hardwareMs: number, notedMs: number | undefined): StartTime {
  const noted = notedMs !== undefined && notedMs > EARLIEST_MS && notedMs < LATEST_MS ? notedMs : undefined;
  const floorMs = noted ?? EARLIEST_MS;
  if (hardwareMs >= floorMs && hardwareMs < LATEST_MS) return { source: 'hardware clock' };
  const source = noted === undefined ? 'release date of the image' : 'newest time on the data volume';
  return { setToMs: floorMs, source };
}

export function readNotedTime(folder: string): number | undefined {
  try {
    const file = fileIn(folder);
    const noted = existsSync(file) ? Number(readFileSync(file, 'utf8')) : Number.NaN;
    return Number.isFinite(noted) ? noted : undefined;
  } catch {
    return undefined;
  }
}

/** @throws the system's error where the volume refuses. */
export function noteTime(folder: string, nowMs: number): void {
  writeDurably(fileIn(folder), `${Math.floor(nowMs)}\n`);
}

function fileIn(folder: string): string {
  return `${folder}/newest-time`;
}
