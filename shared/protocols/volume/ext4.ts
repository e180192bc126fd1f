/** The ext4 superblock (Linux Documentation/filesystems/ext4/super.rst), as far as a mounting program asks. */
import { viewOf } from '../../base/bytes.ts';

/** The superblock begins 1,024 bytes into the volume and is as long. */
export const SUPERBLOCK_OFFSET = 1024;
export const SUPERBLOCK_BYTES = 1024;
const MAGIC = 0xef53;
const STATE_ERRORS = 0x2;
const INCOMPAT_64BIT = 0x80;
/** Blocks of more than 64 KiB do not exist. */
const LOG_BLOCK_SIZE_MAX = 6;

export interface Ext4Superblock {
  readonly label: string;
  /** Lower-case hexadecimal without hyphens. */
  readonly uuid: string;
  readonly blockBytes: number;
  readonly blocks: number;
  /** The kernel met an inconsistency and wants a check of the file system. */
  readonly hasErrors: boolean;
  /** Whether it was ever mounted for writing. A check sets the count of mounts back to zero, and leaves the time of the last. */
  readonly wasMounted: boolean;
}

/** What the first 2,048 bytes of a volume say, or undefined where they are no ext4 superblock. */
export function decodeExt4(start: Uint8Array): Ext4Superblock | undefined {
  if (start.length < SUPERBLOCK_OFFSET + SUPERBLOCK_BYTES) return undefined;
  const bytes = start.subarray(SUPERBLOCK_OFFSET, SUPERBLOCK_OFFSET + SUPERBLOCK_BYTES);
  const view = viewOf(bytes);
  const logBlockSize = view.getUint32(24, true);
  if (view.getUint16(56, true) !== MAGIC || logBlockSize > LOG_BLOCK_SIZE_MAX) return undefined;
  const is64Bit = (view.getUint32(96, true) & INCOMPAT_64BIT) !== 0;
  const high = is64Bit ? view.getUint32(336, true) : 0;
  return {
    label: decodeLabel(bytes.subarray(120, 136)),
    uuid: bytes.subarray(104, 120).toHex(),
    blockBytes: 1024 << logBlockSize,
    blocks: high * 2 ** 32 + view.getUint32(4, true),
    hasErrors: (view.getUint16(58, true) & STATE_ERRORS) !== 0,
    wasMounted: view.getUint32(44, true) !== 0 || view.getUint16(52, true) !== 0,
  };
}

function decodeLabel(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end === -1 ? bytes.length : end));
}
