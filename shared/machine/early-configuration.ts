import { parse } from 'smol-toml';
import * as z from 'zod';
import type { ConfigurationSource } from '../devices/platform.ts';
import type { NetworkTable, TimeTable } from './network-configuration.ts';
import { networkTable, timeTable } from './network-configuration.ts';

/** What PID 1 itself takes from the configuration, before the appliance reads all of it. */
export interface EarlyConfiguration {
  readonly hostname: string;
  readonly network: NetworkTable;
  readonly time: TimeTable;
}

/** RFC 1123 §2.1, one label. */
const hostnameKey = z.object({
  appliance: z.object({ hostname: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/) }),
});

/**
 * The first source's tables, each replaced by its defaults where it is faulty: the machine then comes up on the network
 * so that the fault, which the appliance's strict reading names line by line, can be seen on the status page.
 */
export function readEarlyConfiguration(
  sources: readonly ConfigurationSource[],
  defaultHostname: string,
): EarlyConfiguration {
  const tables = parseTables(sources[0]?.text ?? '');
  const hostname = hostnameKey.safeParse(tables).data?.appliance.hostname ?? defaultHostname;
  const network = networkTable.safeParse(tables['network'] ?? {}).data ?? networkTable.parse({});
  const time = timeTable.safeParse(tables['time'] ?? {}).data ?? timeTable.parse({});
  return { hostname, network, time };
}

function parseTables(text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch {
    return {};
  }
}
