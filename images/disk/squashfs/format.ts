/**
 * SquashFS 4.0 as the Linux kernel reads it (Documentation/filesystems/squashfs.rst, fs/squashfs/squashfs_fs.h).
 * All numbers are little-endian.
 */
export const MAGIC = 0x73717368;
export const SUPERBLOCK_BYTES = 96;
/** A metadata block holds this much before compression. */
export const METADATA_BYTES = 8192;
/** In a metadata block's 16-bit length: the block is stored as it is. */
export const METADATA_STORED = 0x8000;
/** In a data block's 32-bit length: the block is stored as it is. */
export const DATA_STORED = 1 << 24;
export const COMPRESSOR_ZSTD = 6;
export const NO_FRAGMENT = 0xffffffff;
/** A table that is not there. */
export const NO_TABLE = 0xffffffffffffffffn;
/** Superblock flags: no fragments (0x10), no extended attributes (0x200). */
export const FLAGS: number = 0x10 | 0x200;

export const INODE = { directory: 1, file: 2, symlink: 3, largeDirectory: 8, largeFile: 9 } as const;

/** The kernel asks for a power of two in this range. */
export const BLOCK_BYTES_LEAST: number = 4 * 1024;
export const BLOCK_BYTES_MOST: number = 1024 * 1024;

/** A directory header covers at most this many entries. */
export const DIRECTORY_RUN_MOST = 256;
/** What the kernel adds to a listing's length for "." and "..". */
export const DIRECTORY_SIZE_EXTRA = 3;
