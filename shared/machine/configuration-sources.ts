import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ConfigurationSource } from '../devices/platform.ts';
import { mount, unmount } from '../host/ffi/mount.ts';
import { decodeFatLabel } from '../protocols/volume/fat.ts';
import type { BlockDevice } from './block-devices.ts';
import { readDevice } from './block-devices.ts';

/** The label of the small FAT partition that any laptop can write. */
const LABEL = 'LARES';
const MOUNT_POINT = '/config';
const FILE = 'lares.toml';
const BAKED_IN = '/app/lares.toml';
/** A configuration is a page of text; more is a mistake and must not fill the memory. */
const TEXT_BYTES_MAX = 1_048_576;

export interface SourcesOptions {
  readonly devices: readonly BlockDevice[];
  readonly note: (fault: string) => void;
}

/**
 * Every place a configuration may come from, the strongest first. Each gives at most one text; a place that cannot be
 * read is a fault that is told and passed over.
 */
const PLACES: readonly ((options: SourcesOptions) => ConfigurationSource | undefined)[] = [
  readSettingsPartition,
  readBakedIn,
];

export function readConfigurationSources(options: SourcesOptions): ConfigurationSource[] {
  return PLACES.flatMap(place => place(options) ?? []);
}

function readSettingsPartition(options: SourcesOptions): ConfigurationSource | undefined {
  return onSettingsPartition(options, path =>
    readSource(`${MOUNT_POINT}/${FILE}`, `${FILE} on the ${LABEL} partition (${path})`),
  );
}

/** The owner's secrets by name: the files of the folder `secrets` on the partition that any laptop can write. */
export function readSecrets(options: SourcesOptions): Readonly<Record<string, string>> {
  return onSettingsPartition(options, readSecretFiles) ?? {};
}

function readSecretFiles(): Record<string, string> {
  const folder = `${MOUNT_POINT}/secrets`;
  // Laptops leave hidden files of their own.
  const names = existsSync(folder) ? readdirSync(folder).filter(name => !name.startsWith('.')) : [];
  return Object.fromEntries(names.map(name => [name, readText(`${folder}/${name}`)]));
}

/** What `read` gives while the partition is there to be read; undefined where there is none, or it cannot be. */
function onSettingsPartition<T>({ devices, note }: SourcesOptions, read: (path: string) => T): T | undefined {
  const device = devices.find(isSettingsPartition);
  if (device === undefined) return undefined;
  try {
    // Read-only: a machine that loses power while it reads must not harm what was written on a laptop.
    const flags = ['readOnly', 'noSuid', 'noDevices', 'noExecute'] as const;
    mount({ source: device.path, target: MOUNT_POINT, type: 'vfat', flags, options: 'utf8=1' });
    try {
      return read(device.path);
    } finally {
      unmount(MOUNT_POINT);
    }
  } catch (error) {
    note(`the ${LABEL} partition (${device.path}) cannot be read: ${String(error)}`);
    return undefined;
  }
}

function isSettingsPartition(device: BlockDevice): boolean {
  if (device.partition?.name === LABEL) return true;
  if (device.hasPartitions) return false;
  try {
    return decodeFatLabel(readDevice(device.path, 0, 512)) === LABEL;
  } catch {
    return false;
  }
}

function readBakedIn({ note }: SourcesOptions): ConfigurationSource | undefined {
  try {
    return readSource(BAKED_IN, 'lares.toml of the image');
  } catch (error) {
    note(`${BAKED_IN} cannot be read: ${String(error)}`);
    return undefined;
  }
}

function readSource(file: string, origin: string): ConfigurationSource | undefined {
  if (!existsSync(file)) return undefined;
  return { origin, text: readText(file) };
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  if (bytes.length > TEXT_BYTES_MAX)
    throw new Error(`${file} has ${bytes.length} bytes; ${TEXT_BYTES_MAX} at most are read`);
  // Editors on Windows begin a file with a byte order mark, which TOML does not know.
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
