import type { Content } from '../../../shared/devices/content.ts';
import { DeviceError } from '../../../shared/devices/device-error.ts';
import { assert } from '../../../shared/base/assert.ts';
import type { Result } from '../../../shared/base/result.ts';
import { parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import { formatZoneFault, type FaultList } from '../../../shared/protocols/dns/zone-file/fault.ts';
import type { ReadFile } from '../../../shared/protocols/dns/zone-file/parse-zone-file.ts';
import { readZone, type ReadZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import type { ZoneConfiguration } from '../config.ts';
import { ZONE_FOLDER_MAX_BYTES } from '../limits.ts';
import { forEveryZone } from './every-zone.ts';
import { ZoneError } from './zone-error.ts';

/** Files of the zone folder by their paths in it. */
export type ZoneFiles = ReadonlyMap<string, Uint8Array>;

/** Reads and checks the zone that the master file `file` has below `origin`. @throws ZoneError where a file is no text. */
export type ReadZoneFile = (file: string, origin: Name) => Promise<Result<ReadZone, FaultList>>;

/** Faults in a message for people: more are in no one's view. */
const FAULTS_SHOWN = 20;

/** All files of the zone folder, by their paths in it. @throws ZoneError where the folder is not there or far too large. */
export async function readZoneFolder(content: Content, parent: string, folder: string): Promise<ZoneFiles> {
  const entries = await content.list(`${parent}/${folder}`).catch((cause: unknown) => {
    if (!(cause instanceof DeviceError) || cause.kind !== 'not-found') throw cause;
    throw new ZoneError(
      `the folder ${folder} is not there: [dns-service] zone-folder must name the folder with the zones' files`,
      { cause },
    );
  });
  const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (total > ZONE_FOLDER_MAX_BYTES)
    throw new ZoneError(
      `the folder ${folder} has ${Math.ceil(total / 2 ** 20)} MiB; ${ZONE_FOLDER_MAX_BYTES / 2 ** 20} MiB of zone files are taken`,
    );
  const files = new Map<string, Uint8Array>();
  for (const { path } of entries) files.set(path, await content.read(`${parent}/${folder}`, path));
  return files;
}

/** Gives the text of each of `files`, by its path in the zone folder; ZoneError where it is none. */
export function readerOf(files: ZoneFiles): ReadFile {
  return file => {
    const bytes = files.get(file);
    return bytes === undefined ? undefined : decodeText(file, bytes);
  };
}

function decodeText(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ZoneError(`${file}: not UTF-8; write other bytes as \\DDD`, { cause });
  }
}

/** Reads zones in the caller's own thread. */
export function readHere(read: ReadFile): ReadZoneFile {
  return async (file, origin) => readZone({ file, read, origin });
}

/** The name that the zone stands at. */
export function apexOf({ name }: ZoneConfiguration): Name {
  const parsed = parseName(name);
  assert(parsed.ok, 'the configuration has names alone');
  return parsed.value;
}

/** The zone from its file, checked. @throws ZoneError with file, line and rule of every fault. */
export async function loadZone(
  read: ReadZoneFile,
  configuration: ZoneConfiguration,
  apex: Name,
): Promise<ReadZone> {
  const zone = await read(fileOf(configuration), apex);
  if (zone.ok) return zone.value;
  throw new ZoneError(
    `the zone ${configuration.name} cannot be served, since its file is wrong:${describeFaults(zone.error)}`,
  );
}

/** The master file of the zone, in the zone folder. */
export function fileOf({ name, file }: ZoneConfiguration): string {
  return file ?? `${name}.zone`;
}

/** Those that have a file, which others have at their primaries. */
export function zonesWithFile(zones: readonly ZoneConfiguration[]): readonly ZoneConfiguration[] {
  return zones.filter(({ primaries }) => primaries.length === 0);
}

/** Whether all zones that have a file could be served from it. @throws ZoneError with the faults of all that cannot. */
export async function checkZoneFiles(zones: readonly ZoneConfiguration[], read: ReadFile): Promise<void> {
  await forEveryZone(zonesWithFile(zones), zone => loadZone(readHere(read), zone, apexOf(zone)));
}

/** A line for each of the first faults. */
export function describeFaults({ errors, errorCount }: FaultList): string {
  const shown = errors.slice(0, FAULTS_SHOWN).map(fault => `\n  ${formatZoneFault(fault)}`);
  const more = errorCount > shown.length ? `\n  and ${errorCount - shown.length} more` : '';
  return shown.join('') + more;
}
