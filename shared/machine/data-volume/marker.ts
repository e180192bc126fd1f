import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whose data a volume holds: `appliance.json` at its top. */
export interface Marker {
  readonly service: string;
  /** Made once for each volume. */
  readonly id: string;
}

export const MARKER_FILE = 'appliance.json';

/**
 * The marker of the volume at `folder`, or undefined where there is none yet.
 * @throws Error with a sentence for people where it is another service's, or cannot be understood.
 */
export function checkMarker(folder: string, service: string): Marker | undefined {
  const file = `${folder}/${MARKER_FILE}`;
  if (!existsSync(file)) return undefined;
  const marker = parseMarker(readFileSync(file, 'utf8'));
  if (marker === undefined) throw new Error(`its ${MARKER_FILE} is damaged. Nothing there was touched`);
  if (marker.service !== service) {
    throw new Error(
      `it holds the data of ${marker.service}, and this is ${service}. Nothing there was touched. ` +
        'Attach the disk of this appliance, or a blank one',
    );
  }
  return marker;
}

/** The volume's marker, made where there is none. @throws as {@link checkMarker} does. */
export function claimVolume(folder: string, service: string): Marker {
  const found = checkMarker(folder, service);
  if (found !== undefined) return found;
  const marker = { service, id: randomUUID() };
  writeDurably(`${folder}/${MARKER_FILE}`, `${JSON.stringify(marker)}\n`);
  return marker;
}

export function parseMarker(text: string): Marker | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { service, id } = value as Record<string, unknown>;
    return typeof service === 'string' && typeof id === 'string' ? { service, id } : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces a small file so that after a power cut it is either the old or the new one. */
export function writeDurably(file: string, text: string): void {
  const next = `${file}.new`;
  const descriptor = openSync(next, 'w', 0o644);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(next, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
