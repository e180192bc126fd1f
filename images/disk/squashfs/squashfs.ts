import type { Directory, File, Node, Symlink } from '../tree.ts';
import { sortedEntries } from '../tree.ts';
import {
  BLOCK_BYTES_LEAST,
  BLOCK_BYTES_MOST,
  COMPRESSOR_ZSTD,
  FLAGS,
  INODE,
  MAGIC,
  NO_TABLE,
  SUPERBLOCK_BYTES,
} from './format.ts';
import { encodeDirectoryInode, encodeFileInode, encodeSymlinkInode } from './inodes.ts';
import type { ListingEntry } from './listing.ts';
import { encodeListing } from './listing.ts';
import { MetadataWriter } from './metadata.ts';
import type { MetadataPlace } from './metadata.ts';
import type { CompressContent } from './zstd.ts';
import { compressContent } from './zstd.ts';

/** Images are whole pages, as mksquashfs makes them, so that a loop or block device shows all of them. */
const PADDING_BYTES = 4096;

export interface SquashfsOptions {
  readonly blockBytes: number;
  readonly compress?: CompressContent;
}

/**
 * A SquashFS 4.0 image of the tree: zstd, no fragments, no extended attributes, no export table, owner 0:0, time 0.
 * The same tree gives the same bytes, in whatever order it was put together.
 */
export async function encodeSquashfs(root: Directory, options: SquashfsOptions): Promise<Uint8Array> {
  const { blockBytes, compress = compressContent } = options;
  if (
    blockBytes < BLOCK_BYTES_LEAST ||
    blockBytes > BLOCK_BYTES_MOST ||
    !Number.isInteger(Math.log2(blockBytes))
  ) {
    throw new RangeError(
      `block size ${blockBytes}: a power of two from ${BLOCK_BYTES_LEAST} to ${BLOCK_BYTES_MOST}`,
    );
  }
  const writer = new TreeWriter(blockBytes, compress);
  const rootPlace = await writer.writeRoot(root);
  return writer.assemble(rootPlace);
}

class TreeWriter {
  readonly #blockBytes: number;
  readonly #compress: CompressContent;
  readonly #data: Uint8Array[] = [];
  #dataEnd = SUPERBLOCK_BYTES;
  readonly #inodes = new MetadataWriter();
  readonly #listings = new MetadataWriter();
  #inodeCount = 0;

  constructor(blockBytes: number, compress: CompressContent) {
    this.#blockBytes = blockBytes;
    this.#compress = compress;
  }

  async writeRoot(root: Directory): Promise<MetadataPlace> {
    const inode = ++this.#inodeCount;
    const total = countNodes(root);
    // The root's parent is the number after the last inode, as mksquashfs writes it.
    return this.#writeDirectory(root, inode, total + 1);
  }

  /** A folder's inode comes after those of what it holds: its listing tells where they stand. */
  async #writeDirectory(folder: Directory, inode: number, parent: number): Promise<MetadataPlace> {
    const listed: ListingEntry[] = [];
    let folders = 0;
    for (const [name, node] of sortedEntries(folder)) {
      const number = ++this.#inodeCount;
      const place = await this.#writeNode(node, number, inode);
      listed.push({ name, type: INODE[node.kind], inode: number, place });
      if (node.kind === 'directory') folders++;
    }
    const listing = this.#listings.place;
    const bytes = encodeListing(listed);
    this.#listings.write(bytes);
    const head = { inode, mode: folder.mode, parent, links: 2 + folders };
    return this.#writeInode(encodeDirectoryInode({ ...head, listing, listingBytes: bytes.length }));
  }

  async #writeNode(node: Node, inode: number, parent: number): Promise<MetadataPlace> {
    switch (node.kind) {
      case 'directory':
        return this.#writeDirectory(node, inode, parent);
      case 'file':
        return this.#writeFile(node, inode);
      case 'symlink':
        return this.#writeSymlink(node, inode);
    }
  }

  async #writeFile(file: File, inode: number): Promise<MetadataPlace> {
    const blocks = await this.#compress(file.content, this.#blockBytes);
    const start = this.#dataEnd;
    for (const block of blocks) {
      this.#data.push(block.bytes);
      this.#dataEnd += block.bytes.length;
    }
    return this.#writeInode(
      encodeFileInode({ inode, mode: file.mode, bytes: file.content.length, start, blocks }),
    );
  }

  #writeSymlink(link: Symlink, inode: number): MetadataPlace {
    return this.#writeInode(encodeSymlinkInode({ inode, target: link.target }));
  }

  #writeInode(bytes: Uint8Array): MetadataPlace {
    const { place } = this.#inodes;
    this.#inodes.write(bytes);
    return place;
  }

  /**
   * The order is the kernel's: data, inodes, listings, ids. The index of the id table ends the file system exactly
   * (fs/squashfs/id.c refuses anything between).
   */
  assemble(root: MetadataPlace): Uint8Array {
    const inodes = this.#inodes.finish();
    const listings = this.#listings.finish();
    const ids = new MetadataWriter();
    ids.write(new Uint8Array(4));
    const idTable = ids.finish();
    const inodeStart = this.#dataEnd;
    const listingStart = inodeStart + inodes.length;
    const idStart = listingStart + listings.length;
    const idIndex = new Uint8Array(8);
    new DataView(idIndex.buffer).setBigUint64(0, BigInt(idStart), true);
    const end = idStart + idTable.length + idIndex.length;
    const superblock = this.#encodeSuperblock(root, {
      inodeStart,
      listingStart,
      idIndex: idStart + idTable.length,
      end,
    });
    const padding = new Uint8Array((PADDING_BYTES - (end % PADDING_BYTES)) % PADDING_BYTES);
    return Buffer.concat([superblock, ...this.#data, inodes, listings, idTable, idIndex, padding]);
  }

  #encodeSuperblock(
    root: MetadataPlace,
    at: Readonly<Record<'inodeStart' | 'listingStart' | 'idIndex' | 'end', number>>,
  ): Uint8Array {
    const bytes = new Uint8Array(SUPERBLOCK_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, this.#inodeCount, true);
    view.setUint32(12, this.#blockBytes, true);
    view.setUint16(20, COMPRESSOR_ZSTD, true);
    view.setUint16(22, Math.log2(this.#blockBytes), true);
    view.setUint16(24, FLAGS, true);
    view.setUint16(26, 1, true);
    view.setUint16(28, 4, true);
    view.setBigUint64(32, (BigInt(root.block) << 16n) | BigInt(root.offset), true);
    view.setBigUint64(40, BigInt(at.end), true);
    view.setBigUint64(48, BigInt(at.idIndex), true);
    view.setBigUint64(56, NO_TABLE, true);
    view.setBigUint64(64, BigInt(at.inodeStart), true);
    view.setBigUint64(72, BigInt(at.listingStart), true);
    view.setBigUint64(80, NO_TABLE, true);
    view.setBigUint64(88, NO_TABLE, true);
    return bytes;
  }
}

function countNodes(node: Node): number {
  if (node.kind !== 'directory') return 1;
  return [...node.entries.values()].reduce((sum, each) => sum + countNodes(each), 1);
}
