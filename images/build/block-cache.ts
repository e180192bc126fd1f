import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompressContent, CompressedBlock } from '../disk/squashfs/zstd.ts';
import { ZSTD_LEVEL, compressContent } from '../disk/squashfs/zstd.ts';

/** Content smaller than this is compressed faster than it is looked up. */
const CACHED_BYTES_LEAST = 1024 * 1024;
/** A service takes five entries, and every change of its bundle makes one new; the oldest are dropped beyond this. */
const ENTRIES_MOST = 32;
const STORED = 0x80000000;
const HASH_BYTES = 32;

/**
 * Compresses through a cache of large files' blocks, keyed by the content and all that decides the result: the runtime
 * takes a minute to compress and is the same for every service. A damaged entry is made anew.
 */
export function cachedCompressor(
  folder: string,
  onBlock: (done: number, all: number) => void,
): CompressContent {
  return async (content, blockBytes) => {
    if (content.length < CACHED_BYTES_LEAST) return compressContent(content, blockBytes);
    const path = join(folder, cacheKey(content, blockBytes));
    const kept = await readBlocks(path);
    if (kept !== undefined) return kept;
    const blocks = await compressContent(content, blockBytes, onBlock);
    await mkdir(folder, { recursive: true });
    // A build that is interrupted, or another beside it, must not leave half an entry under the name.
    const partial = `${path}.${process.pid}.partial`;
    await writeFile(partial, encodeBlocks(blocks));
    await rename(partial, path);
    await dropOldest(folder);
    return blocks;
  };
}

function cacheKey(content: Uint8Array, blockBytes: number): string {
  const key = createHash('sha256').update(content);
  return `${key.digest('hex')}.${blockBytes}.zstd-${process.versions['zstd'] ?? 'unknown'}-${ZSTD_LEVEL}`;
}

/** SHA-256 of the rest; the number of blocks; their lengths, the top bit for stored ones; the blocks. */
export function encodeBlocks(blocks: readonly CompressedBlock[]): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * blocks.length));
  head.setUint32(0, blocks.length);
  blocks.forEach((block, index) => {
    head.setUint32(4 + 4 * index, (block.bytes.length | (block.stored ? STORED : 0)) >>> 0);
  });
  const rest = Buffer.concat([new Uint8Array(head.buffer), ...blocks.map(block => block.bytes)]);
  return Buffer.concat([createHash('sha256').update(rest).digest(), rest]);
}

/** Undefined for what {@link encodeBlocks} did not write whole. */
export function decodeBlocks(entry: Uint8Array): CompressedBlock[] | undefined {
  const rest = entry.subarray(HASH_BYTES);
  if (entry.length < HASH_BYTES + 4) return undefined;
  if (Buffer.compare(createHash('sha256').update(rest).digest(), entry.subarray(0, HASH_BYTES)) !== 0)
    return undefined;
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
  const count = view.getUint32(0);
  let at = 4 + 4 * count;
  return Array.from({ length: count }, (_, index) => {
    const length = view.getUint32(4 + 4 * index);
    const bytes = rest.subarray(at, at + (length & ~STORED));
    at += bytes.length;
    return { bytes, stored: (length & STORED) !== 0 };
  });
}

async function readBlocks(path: string): Promise<CompressedBlock[] | undefined> {
  try {
    const blocks = decodeBlocks(await readFile(path));
    // What is used stays: the oldest by this time goes first.
    if (blocks !== undefined) await utimes(path, new Date(), new Date());
    return blocks;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function dropOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  const entries = await Promise.all(
    names.map(async name => {
      const path = join(folder, name);
      // Another build may have renamed or dropped it meanwhile.
      const status = await stat(path).catch(() => undefined);
      return { path, usedMs: status?.mtimeMs ?? 0 };
    }),
  );
  const old = entries.toSorted((left, right) => right.usedMs - left.usedMs).slice(ENTRIES_MOST);
  for (const { path } of old) await rm(path, { force: true });
}
