import { chownSync, closeSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import type { MountFlag } from '../../host/ffi/mount.ts';
import { mount, unmount } from '../../host/ffi/mount.ts';
import { syncDisks } from '../../host/ffi/power.ts';
import type { Ext4Superblock } from '../../protocols/volume/ext4.ts';
import { decodeExt4 } from '../../protocols/volume/ext4.ts';
import type { BlockDevice } from '../block-devices.ts';
import { readDevice } from '../block-devices.ts';
import type { Announce } from '../console.ts';
import { formatBytes } from '../format-bytes.ts';
import { APPLIANCE_ID } from '../privileges.ts';
import type { Choice } from './choose.ts';
import { chooseDataVolume } from './choose.ts';
import { growFileSystem, growPartition } from './grow.ts';
import { inspectDevice } from './inspect.ts';
import { checkMarker, claimVolume } from './marker.ts';
import { readTemplateStart, SUPERBLOCK_END, TEMPLATE_FILE, writeTemplate } from './template.ts';

export const DATA_FOLDER = '/data';
/** The machine's own notes on the volume. */
export const NOTES_FOLDER = `${DATA_FOLDER}/machine`;
/** What is kept in memory where there is no volume: a part of the smallest machine. */
const MEMORY_OPTIONS = 'size=25%,mode=0755';
/**
 * An inconsistency found while running makes the volume read-only instead of worse. The tables of a grown file system
 * are not zeroed in the background: with checksums they need not be, and on 1 TB that would write gigabytes to flash.
 */
const EXT4_OPTIONS = 'errors=remount-ro,noinit_itable';

export interface DataVolume {
  /** False where the data is kept in memory and is gone at the next start. */
  readonly isPersistent: boolean;
  readonly device?: string;
  /** Why it is not as it should be; a sentence each. */
  readonly faults: readonly string[];
  /** Syncs and unmounts. Files that are still open there are closed first. */
  close(): void;
}

/** Finds, prepares and mounts the data volume. Never throws for what is on a disk: memory takes its place. */
export async function openDataVolume(options: {
  readonly service: string;
  readonly devices: readonly BlockDevice[];
  readonly announce: Announce;
}): Promise<DataVolume> {
  const choice = chooseDataVolume(await Promise.all(options.devices.map(inspectDevice)));
  try {
    return await openChosen(choice, options.service, options.announce);
  } catch (error) {
    const where = choice.kind === 'none' ? '' : ` (${choice.device.path})`;
    const reason = error instanceof Error ? error.message : String(error);
    return openInMemory(`the data volume${where} cannot be used: ${reason}`, options.announce);
  }
}

async function openChosen(choice: Choice, service: string, announce: Announce): Promise<DataVolume> {
  switch (choice.kind) {
    case 'none':
      return openInMemory('no data volume: attach a disk to keep anything', announce);
    case 'unreadable':
      throw new Error(
        'it holds no ext4 file system. Nothing there was touched; restore a backup to a blank disk',
      );
    case 'blank':
      return openVolume(choice.device, await prepare(choice.device, announce), { service, announce });
    case 'volume':
      return openVolume(choice.device, choice.ext4, { service, announce });
  }
}

async function prepare(device: BlockDevice, announce: Announce): Promise<Ext4Superblock> {
  const start = await readTemplateStart(TEMPLATE_FILE, SUPERBLOCK_END);
  const ext4 = start && decodeExt4(start);
  if (ext4 === undefined)
    throw new Error(`it is blank, and the image has no ext4 template in ${TEMPLATE_FILE}`);
  const neededBytes = ext4.blocks * ext4.blockBytes;
  if (device.bytes < neededBytes) {
    throw new Error(`it has ${formatBytes(device.bytes)}; at least ${formatBytes(neededBytes)} are needed`);
  }
  announce(`lares: ${device.path} is blank and becomes the data volume`);
  await writeTemplate(device.path, TEMPLATE_FILE);
  return ext4;
}

function openVolume(
  device: BlockDevice,
  ext4: Ext4Superblock,
  { service, announce }: { readonly service: string; readonly announce: Announce },
): DataVolume {
  refuseStrangers(device, service);
  mountExt4(device, [], EXT4_OPTIONS);
  try {
    claimVolume(DATA_FOLDER, service);
  } catch (error) {
    unmount(DATA_FOLDER);
    throw error;
  }
  const faults = grow(device, ext4, announce);
  const now = decodeExt4(readDevice(device.path, 0, 2048));
  if (now?.hasErrors === true) {
    faults.push(
      `the file system on ${device.path} has errors: make a backup now and restore it to a blank disk`,
    );
  }
  prepareFolders();
  return { isPersistent: true, device: device.path, faults, close: closeVolume };
}

/** Looks without changing a byte: read-only, and the journal is left as it is. */
function refuseStrangers(device: BlockDevice, service: string): void {
  mountExt4(device, ['readOnly'], 'noload');
  try {
    checkMarker(DATA_FOLDER, service);
  } finally {
    unmount(DATA_FOLDER);
  }
}

function mountExt4(device: BlockDevice, more: readonly MountFlag[], options: string): void {
  const flags = ['noAccessTime', 'noSuid', 'noDevices', 'noExecute', ...more] as const;
  try {
    mount({ source: device.path, target: DATA_FOLDER, type: 'ext4', flags, options });
  } catch (error) {
    throw new Error(
      'its file system is damaged. Nothing there was touched; restore a backup to a blank disk, or repair it with ' +
        `e2fsck on another machine (${error instanceof Error ? error.message : String(error)})`,
      { cause: error },
    );
  }
}

/** A volume that cannot grow is still a volume: the fault is told and the service runs. */
function grow(device: BlockDevice, ext4: Ext4Superblock, announce: Announce): string[] {
  try {
    const bytes = growPartition(device);
    if (growFileSystem(DATA_FOLDER, ext4, bytes))
      announce(`lares: data volume grown to ${formatBytes(bytes)}`);
    return [];
  } catch (error) {
    return [`the data volume (${device.path}) could not grow to the end of its disk: ${String(error)}`];
  }
}

function openInMemory(fault: string, announce: Announce): DataVolume {
  announce(`lares: ${fault}`, 'bad');
  announce('lares: everything is kept in memory and will be gone at the next start', 'bad');
  const flags = ['noSuid', 'noDevices', 'noExecute'] as const;
  mount({ source: 'tmpfs', target: DATA_FOLDER, type: 'tmpfs', flags, options: MEMORY_OPTIONS });
  prepareFolders();
  return {
    isPersistent: false,
    faults: [`${fault}; everything is kept in memory and will be gone at the next start`],
    close: () => {},
  };
}

function prepareFolders(): void {
  mkdirSync(NOTES_FOLDER, { recursive: true });
  for (const folder of [DATA_FOLDER, NOTES_FOLDER]) chownSync(folder, APPLIANCE_ID, APPLIANCE_ID);
}

function closeVolume(): void {
  syncDisks();
  closeFilesBelow(DATA_FOLDER);
  unmount(DATA_FOLDER);
}

/** At the very end nothing reads or writes any more; a descriptor left open would keep the volume mounted. */
function closeFilesBelow(folder: string): void {
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`).startsWith(`${folder}/`)) closeSync(Number(name));
    } catch {
      // It was closed since the folder was listed.
      continue;
    }
  }
}
