import { BAKED_IN, type Release } from './release.ts';
import type { Releases } from './releases.ts';

/** What the status page tells of the content that is shown. */
export function releaseRows(releases: Releases): readonly (readonly [label: string, value: string])[] {
  const current = releases.current();
  const others = releases.list().filter(({ id }) => id !== current.id);
  return [
    ['Release', describeRelease(current)],
    ['Files', `${current.files}, ${Math.ceil(current.sizeBytes / 1024)} KiB`],
    ...(others.length > 0 ? ([['Kept as well', others.map(({ id }) => id).join(', ')]] as const) : []),
  ];
}

/** In one line, for people: '7, pushed by anna, 2026-11-23 14:05:09 UTC'. */
export function describeRelease({ id, source, timeMs }: Release): string {
  if (id === BAKED_IN) return `${id}, ${source}`;
  return `${id}, ${source}, ${formatTime(timeMs)}`;
}

/** For people: '2026-11-23 14:05:09 UTC'. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
