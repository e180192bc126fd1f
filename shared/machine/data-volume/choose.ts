import type { Ext4Superblock } from '../../protocols/volume/ext4.ts';
import type { BlockDevice } from '../block-devices.ts';

/** The name of the data partition and the label of the file system in it. */
export const DATA_LABEL = 'lares-data';

/** A device with what its beginning says. */
export interface Candidate {
  readonly device: BlockDevice;
  readonly ext4: Ext4Superblock | undefined;
  /** Nothing was ever written to it, as far as its first MiB tells. */
  readonly isBlank: boolean;
}

export type Choice =
  | { readonly kind: 'volume'; readonly device: BlockDevice; readonly ext4: Ext4Superblock }
  /** A blank disk, or a data partition without a file system: the template goes there first. */
  | { readonly kind: 'blank'; readonly device: BlockDevice }
  /** A data partition with something in it that is no ext4: nothing is written there. */
  | { readonly kind: 'unreadable'; readonly device: BlockDevice }
  | { readonly kind: 'none' };

/**
 * Where the data goes. A separate disk comes before the partition on the boot disk: whoever attached it wants it used,
 * and it outlives the boot disk. A volume that is there comes before a blank disk, so that a second disk attached later
 * never hides the data.
 */
export function chooseDataVolume(candidates: readonly Candidate[]): Choice {
  const writable = candidates.filter(each => !each.device.isReadOnly);
  const volumes = writable.filter(each => each.ext4?.label === DATA_LABEL);
  const named = writable.filter(each => each.device.partition?.name === DATA_LABEL);
  const [grown] = volumes.toSorted(bySeparateDiskThenUse);
  const blankDisk = writable.find(each => isWholeDisk(each.device) && each.isBlank);
  if (grown?.ext4 !== undefined && (grown.ext4.wasMounted || blankDisk === undefined)) {
    return { kind: 'volume', device: grown.device, ext4: grown.ext4 };
  }
  if (blankDisk !== undefined) return { kind: 'blank', device: blankDisk.device };
  const [partition] = named;
  if (partition === undefined) return { kind: 'none' };
  return { kind: partition.isBlank ? 'blank' : 'unreadable', device: partition.device };
}

function bySeparateDiskThenUse(left: Candidate, right: Candidate): number {
  return rank(right) - rank(left);
}

function rank({ device, ext4 }: Candidate): number {
  return (ext4?.wasMounted === true ? 2 : 0) + (isWholeDisk(device) ? 1 : 0);
}

function isWholeDisk(device: BlockDevice): boolean {
  return device.partition === undefined && !device.hasPartitions;
}
