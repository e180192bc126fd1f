import { getRawPointer } from 'node:ffi';
import { checkResult, processLibrary } from './library.ts';

/** Linux uapi linux/fs.h, linux/blkpg.h and fs/ext4/ext4.h; the same numbers on x86_64 and aarch64. */
const BLKGETSIZE64 = 0x80081272;
const BLKPG = 0x1269;
const BLKPG_RESIZE_PARTITION = 3;
const EXT4_IOC_RESIZE_FS = 0x40086610;
/** struct blkpg_partition: start, length, number, two names of 64 bytes, padding. */
const PARTITION_BYTES = 152;
/** struct blkpg_ioctl_arg: operation, flags, length, padding, pointer. */
const ARGUMENT_BYTES = 24;

const ioctl = processLibrary.getFunction('ioctl', { arguments: ['i32', 'u64', 'pointer'], return: 'i32' });

/** The size in bytes of the block device open as `descriptor`. @throws SystemCallError */
export function blockDeviceBytes(descriptor: number): number {
  const size = Buffer.alloc(8);
  checkResult(ioctl(descriptor, BigInt(BLKGETSIZE64), size), 'ioctl', 'BLKGETSIZE64');
  return Number(size.readBigUInt64LE());
}

/** Tells the kernel that a partition in use has another end. `disk` is the whole disk's descriptor. @throws SystemCallError */
export function resizePartitionInKernel(
  disk: number,
  partition: { readonly number: number; readonly startBytes: number; readonly lengthBytes: number },
): void {
  const data = Buffer.alloc(PARTITION_BYTES);
  data.writeBigInt64LE(BigInt(partition.startBytes), 0);
  data.writeBigInt64LE(BigInt(partition.lengthBytes), 8);
  data.writeInt32LE(partition.number, 16);
  const argument = Buffer.alloc(ARGUMENT_BYTES);
  argument.writeInt32LE(BLKPG_RESIZE_PARTITION, 0);
  argument.writeInt32LE(PARTITION_BYTES, 8);
  argument.writeBigUInt64LE(getRawPointer(data), 16);
  const result = ioctl(disk, BigInt(BLKPG), argument);
  // Read after the call, so that `data`, of which the kernel has the address alone, is referenced until then.
  checkResult(result, 'ioctl', `BLKPG_RESIZE_PARTITION ${data.readInt32LE(16)}`);
}

/** Grows a mounted ext4 to `blocks` of its blocks. `descriptor` is any file or folder on it. @throws SystemCallError */
export function growExt4(descriptor: number, blocks: number): void {
  const count = Buffer.alloc(8);
  count.writeBigUInt64LE(BigInt(blocks));
  checkResult(
    ioctl(descriptor, BigInt(EXT4_IOC_RESIZE_FS), count),
    'ioctl',
    `EXT4_IOC_RESIZE_FS to ${blocks} blocks`,
  );
}
