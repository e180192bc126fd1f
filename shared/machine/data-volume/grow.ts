import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { blockDeviceBytes, growExt4, resizePartitionInKernel } from '../../host/ffi/block-device.ts';
import { decodeTable } from '../../protocols/gpt/decode.ts';
import { BOOT_CODE_BYTES, encodeTable } from '../../protocols/gpt/encode.ts';
import type { PartitionTable } from '../../protocols/gpt/gpt.ts';
import { growLastPartition, PRIMARY_SECTORS, SECTOR_BYTES } from '../../protocols/gpt/gpt.ts';
import type { Ext4Superblock } from '../../protocols/volume/ext4.ts';
import type { BlockDevice } from '../block-devices.ts';

/** Less than this more is not worth a new partition table at every start. */
const GROWTH_BYTES_MIN = 8 * 1_048_576;

/**
 * Lets the data partition reach to the end of a disk that has become larger. Gives the device's size afterwards.
 * @throws where the table cannot be read or the disk refuses; the partition is then as it was.
 */
export function growPartition(device: BlockDevice): number {
  if (device.partition === undefined) return device.bytes;
  const { disk, number } = device.partition;
  const descriptor = openSync(`/dev/${disk}`, 'r+');
  try {
    const diskSectors = Math.floor(blockDeviceBytes(descriptor) / SECTOR_BYTES);
    const start = readTableSectors(descriptor);
    const table = decodeTable(start);
    // A disk with another kind of table (a laptop's MBR) keeps its partition's size.
    if (!table.ok) return device.bytes;
    const grown = growLastPartition(table.value, diskSectors);
    const partition = grown.partitions[number - 1];
    if (partition === undefined) return device.bytes;
    const lengthBytes = (partition.lastSector - partition.firstSector + 1) * SECTOR_BYTES;
    if (lengthBytes < device.bytes + GROWTH_BYTES_MIN) return device.bytes;
    writeTable(descriptor, grown, start.subarray(0, BOOT_CODE_BYTES));
    const startBytes = partition.firstSector * SECTOR_BYTES;
    resizePartitionInKernel(descriptor, { number, startBytes, lengthBytes });
    return lengthBytes;
  } finally {
    closeSync(descriptor);
  }
}

function readTableSectors(descriptor: number): Uint8Array {
  const bytes = new Uint8Array(PRIMARY_SECTORS * SECTOR_BYTES);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
}

/** The copy at the disk's end first: should the power go now, the old table at the beginning still holds. */
function writeTable(descriptor: number, table: PartitionTable, bootCode: Uint8Array): void {
  const { primary, backup, backupSector } = encodeTable(table, bootCode);
  writeSync(descriptor, backup, 0, backup.length, backupSector * SECTOR_BYTES);
  fsyncSync(descriptor);
  writeSync(descriptor, primary, 0, primary.length, 0);
  fsyncSync(descriptor);
}

/** Grows the mounted file system to the end of its device of `bytes`; says whether there was anything to grow. */
export function growFileSystem(mountPoint: string, ext4: Ext4Superblock, bytes: number): boolean {
  const blocks = Math.floor(bytes / ext4.blockBytes);
  if (blocks * ext4.blockBytes < ext4.blocks * ext4.blockBytes + GROWTH_BYTES_MIN) return false;
  const descriptor = openSync(mountPoint, 'r');
  try {
    growExt4(descriptor, blocks);
  } finally {
    closeSync(descriptor);
  }
  return true;
}
