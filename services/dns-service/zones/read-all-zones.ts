import type { ContentFault } from '../../../shared/base/content-fault.ts';
import { err, ok, type Result } from '../../../shared/base/result.ts';
import type { ZoneFault } from '../../../shared/protocols/dns/zone-file/fault.ts';
import type { ReadZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import type { ZoneConfiguration } from '../config.ts';
import { ZoneError } from './zone-error.ts';
import { apexOf, fileOf, zonesWithFile, type ReadZoneFile } from './zone-files.ts';
import type { ZoneKeeper } from './zone-keeper.ts';

/** By the names of the zones. */
export type ReadZones = ReadonlyMap<string, ReadZone>;

/** The zones of a release, if all of them could be served: read, checked, and together with what `keepers` have beside their files. */
export async function readAllZones(
  zones: readonly ZoneConfiguration[],
  read: ReadZoneFile,
  keepers: readonly Pick<ZoneKeeper, 'configuration' | 'tryFile'>[],
): Promise<Result<ReadZones, readonly ContentFault[]>> {
  const all = new Map<string, ReadZone>();
  const faults: ContentFault[] = [];
  for (const configuration of zonesWithFile(zones)) {
    const zone = await readOne(configuration, read, keepers);
    if (zone.ok) all.set(configuration.name, zone.value);
    else faults.push(...zone.error);
  }
  return faults.length === 0 ? ok(all) : err(faults);
}

async function readOne(
  configuration: ZoneConfiguration,
  read: ReadZoneFile,
  keepers: readonly Pick<ZoneKeeper, 'configuration' | 'tryFile'>[],
): Promise<Result<ReadZone, readonly ContentFault[]>> {
  const file = fileOf(configuration);
  try {
    const zone = await read(file, apexOf(configuration));
    if (!zone.ok) return err(zone.error.errors.map(contentFaultOf));
    keepers.find(keeper => keeper.configuration.name === configuration.name)?.tryFile(zone.value);
    return zone;
  } catch (error) {
    if (error instanceof ZoneError) return err([{ file, reason: error.message }]);
    throw error;
  }
}

function contentFaultOf({ file, line, rule, message }: ZoneFault): ContentFault {
  return { file, ...(line > 0 && { line }), reason: `${message} (${rule})` };
}
