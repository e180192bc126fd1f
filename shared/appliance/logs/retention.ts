/** A file of kept log. Its name is when it begins, and whether client addresses in it are still whole. */
export interface Segment {
  readonly startMs: number;
  readonly isFull: boolean;
  readonly bytes: number;
}

export interface RetentionLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Client addresses older than this are shortened. */
  readonly fullAddressesMs: number;
}

/** A boot that fails at once leaves a small file; a box that restarts all day must not fill a folder with them. */
export const SEGMENTS_MAX = 1_000;

const FOLDER = 'appliance-log';

export function segmentPath(segment: Pick<Segment, 'startMs' | 'isFull'>): string {
  const start = String(segment.startMs).padStart(15, '0');
  return `${FOLDER}/${start}.${segment.isFull ? 'full' : 'short'}.ndjson`;
}

/** undefined for a file that is none of ours. */
export function parseSegmentPath(path: string): Omit<Segment, 'bytes'> | undefined {
  const match = /^appliance-log\/(\d{15})\.(full|short)\.ndjson$/.exec(path);
  return match === null ? undefined : { startMs: Number(match[1]), isFull: match[2] === 'full' };
}

export const LOG_FOLDER: string = FOLDER;

/**
 * What to remove and what to shorten among finished segments, oldest first in any order given. A segment is due when its
 * *first* record is too old: the others lose their addresses a few hours early rather than keep them late.
 */
export function planRetention(
  segments: readonly Segment[],
  nowMs: number,
  limits: RetentionLimits,
): { readonly remove: readonly Segment[]; readonly shorten: readonly Segment[] } {
  const newestFirst = segments.toSorted((left, right) => right.startMs - left.startMs);
  const shortened = new Set(segments.filter(segment => !segment.isFull).map(segment => segment.startMs));
  const remove: Segment[] = [];
  const shorten: Segment[] = [];
  let bytes = 0;
  for (const [index, segment] of newestFirst.entries()) {
    // A cut between writing the short one and removing the full one leaves both.
    const isDouble = segment.isFull && shortened.has(segment.startMs);
    const isKept =
      !isDouble &&
      index < SEGMENTS_MAX &&
      bytes + segment.bytes <= limits.maxBytes &&
      nowMs - segment.startMs <= limits.maxAgeMs;
    if (!isKept) remove.push(segment);
    else {
      bytes += segment.bytes;
      if (segment.isFull && nowMs - segment.startMs >= limits.fullAddressesMs) shorten.push(segment);
    }
  }
  return { remove, shorten };
}
