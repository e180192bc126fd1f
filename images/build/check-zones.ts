import { dnsServiceConfiguration } from '../../services/dns-service/config.ts';
import { checkZoneFiles, readerOf } from '../../services/dns-service/zones/zone-files.ts';
import { filesOf } from '../disk/tree.ts';
import type { ContentFolder } from './recipe.ts';

/** Whether the service will take the folder's zones: its own reader and checker say so. @throws ZoneError with the faults of all zones */
export async function checkZones({ folder, configuration }: ContentFolder): Promise<void> {
  // A table that is no configuration is told by those who check the whole file.
  const table = dnsServiceConfiguration.safeParse(configuration['dns-service']);
  if (!table.success) return;
  const files = new Map([...filesOf(folder)].map(({ path, bytes }) => [path, bytes]));
  await checkZoneFiles(table.data.zones, readerOf(files));
}
