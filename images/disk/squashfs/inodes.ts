import type { CompressedBlock } from './zstd.ts';
import { DATA_STORED, DIRECTORY_SIZE_EXTRA, INODE, NO_FRAGMENT } from './format.ts';
import type { MetadataPlace } from './metadata.ts';

interface InodeHead {
  readonly inode: number;
  readonly mode: number;
}

/** Every inode belongs to root: index 0 of the one-entry id table; its time is 0, so that no clock gets in. */
function writeHead(view: DataView, type: number, head: InodeHead): void {
  view.setUint16(0, type, true);
  view.setUint16(2, head.mode, true);
  view.setUint32(12, head.inode, true);
}

export interface FileInode extends InodeHead {
  readonly bytes: number;
  /** Where the first data block stands in the image. */
  readonly start: number;
  readonly blocks: readonly CompressedBlock[];
}

const FILE_BYTES = 32;
const LARGE_FILE_BYTES = 56;
const NO_XATTR = 0xffffffff;

/** An inode of a regular file; the large form where an offset or the size passes 32 bits. */
export function encodeFileInode(file: FileInode): Uint8Array {
  const large = file.bytes > 0xffffffff || file.start > 0xffffffff;
  const fixed = large ? LARGE_FILE_BYTES : FILE_BYTES;
  const bytes = new Uint8Array(fixed + 4 * file.blocks.length);
  const view = new DataView(bytes.buffer);
  writeHead(view, large ? INODE.largeFile : INODE.file, file);
  if (large) {
    view.setBigUint64(16, BigInt(file.start), true);
    view.setBigUint64(24, BigInt(file.bytes), true);
    view.setUint32(40, 1, true);
    view.setUint32(44, NO_FRAGMENT, true);
    view.setUint32(52, NO_XATTR, true);
  } else {
    view.setUint32(16, file.start, true);
    view.setUint32(20, NO_FRAGMENT, true);
    view.setUint32(28, file.bytes, true);
  }
  file.blocks.forEach((block, index) => {
    view.setUint32(fixed + 4 * index, block.bytes.length | (block.stored ? DATA_STORED : 0), true);
  });
  return bytes;
}

export interface DirectoryInode extends InodeHead {
  readonly listing: MetadataPlace;
  readonly listingBytes: number;
  /** Two, and one more for each folder within. */
  readonly links: number;
  readonly parent: number;
}

const SMALL_LISTING_MOST = 0xffff - DIRECTORY_SIZE_EXTRA;

/** An inode of a directory; the large form (without an index) where the listing passes 16 bits. */
export function encodeDirectoryInode(folder: DirectoryInode): Uint8Array {
  const large = folder.listingBytes > SMALL_LISTING_MOST;
  const bytes = new Uint8Array(large ? 40 : 32);
  const view = new DataView(bytes.buffer);
  const size = folder.listingBytes + DIRECTORY_SIZE_EXTRA;
  writeHead(view, large ? INODE.largeDirectory : INODE.directory, folder);
  if (large) {
    view.setUint32(16, folder.links, true);
    view.setUint32(20, size, true);
    view.setUint32(24, folder.listing.block, true);
    view.setUint32(28, folder.parent, true);
    view.setUint16(34, folder.listing.offset, true);
    view.setUint32(36, NO_XATTR, true);
  } else {
    view.setUint32(16, folder.listing.block, true);
    view.setUint32(20, folder.links, true);
    view.setUint16(24, size, true);
    view.setUint16(26, folder.listing.offset, true);
    view.setUint32(28, folder.parent, true);
  }
  return bytes;
}

export function encodeSymlinkInode(link: { readonly inode: number; readonly target: string }): Uint8Array {
  const target = new TextEncoder().encode(link.target);
  const bytes = new Uint8Array(24 + target.length);
  const view = new DataView(bytes.buffer);
  writeHead(view, INODE.symlink, { inode: link.inode, mode: 0o777 });
  view.setUint32(16, 1, true);
  view.setUint32(20, target.length, true);
  bytes.set(target, 24);
  return bytes;
}
