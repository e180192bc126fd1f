import type { ZoneConfiguration } from '../config.ts';
import { ZoneError } from './zone-error.ts';

/** What `open` makes of each zone. @throws ZoneError with the faults of all that are wrong; what else `open` throws. */
export async function forEveryZone<T>(
  zones: readonly ZoneConfiguration[],
  open: (zone: ZoneConfiguration) => T | Promise<T>,
): Promise<T[]> {
  const opened: T[] = [];
  const faults: string[] = [];
  for (const zone of zones)
    try {
      opened.push(await open(zone));
    } catch (error) {
      if (!(error instanceof ZoneError)) throw error;
      faults.push(error.message);
    }
  if (faults.length > 0) throw new ZoneError(faults.join('\n'));
  return opened;
}
