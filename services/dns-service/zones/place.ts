import { createHash } from 'node:crypto';

/** Where things of a zone are kept: zones' names may have characters that keys of the store and paths have not. */
export function placeOf(zone: string): string {
  return createHash('sha256').update(zone).digest('hex').slice(0, 32);
}
