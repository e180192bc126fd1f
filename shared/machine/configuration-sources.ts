import { mount, unmount } from '../host/ffi/mount.ts';
import { decodeFatLabel } from '../protocols/volume/fat.ts';
import type { BlockDevice } from './block-devices.ts';
import { readDevice } from './block-devices.ts';
import { readConfiguration, readSettingsFolder, type Settings } from './settings-text.ts';

/** The label of the small FAT partition that any laptop can write. */
const LABEL = 'LARES';
const MOUNT_POINT = '/config';
const BAKED_IN = '/app/lares.toml';

export interface SourcesOptions {
  readonly devices: readonly BlockDevice[];
  readonly note: (fault: string) => void;
}

/**
 * Every place that settings may come from: the partition, then what was baked into the image. Each gives at most one text, and the
 * partition the owner's secrets; a place that cannot be read is a fault that is told and passed over.
 */
export function readSettings(options: SourcesOptions): Settings {
  const { configuration, secrets } = readSettingsPartition(options);
  const bakedIn = readConfiguration(BAKED_IN, 'lares.toml of the image', options.note);
  return { configuration: [...configuration, ...bakedIn], secrets };
}

function readSettingsPartition({ devices, note }: SourcesOptions): Settings {
  const nothing: Settings = { configuration: [], secrets: {} };
  const device = devices.find(isSettingsPartition);
  if (device === undefined) return nothing;
  try {
    // Read-only: a machine that loses power while it reads must not harm what was written on a laptop.
    const flags = ['readOnly', 'noSuid', 'noDevices', 'noExecute'] as const;
    mount({ source: device.path, target: MOUNT_POINT, type: 'vfat', flags, options: 'utf8=1' });
    try {
      return readSettingsFolder(MOUNT_POINT, `on the ${LABEL} partition (${device.path})`, note);
    } finally {
      unmount(MOUNT_POINT);
    }
  } catch (error) {
    note(`the ${LABEL} partition (${device.path}) cannot be read: ${String(error)}`);
    return nothing;
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
