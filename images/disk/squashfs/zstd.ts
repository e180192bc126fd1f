import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';

/** Compression is paid once by the builder, decompression by every boot; level 19 costs the reader nothing more. */
export const ZSTD_LEVEL = 19;

/**
 * The window must not exceed the block: the kernel gives the decoder room for one block and refuses a frame that asks
 * for more (fs/squashfs/zstd_wrapper.c).
 */
export function zstdParameters(blockBytes: number): Record<number, number> {
  return {
    [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
    [constants.ZSTD_c_windowLog]: Math.log2(blockBytes),
  };
}

const compress = promisify(zstdCompress);

export interface CompressedBlock {
  readonly bytes: Uint8Array;
  /** The block did not get smaller and stands as it was. */
  readonly stored: boolean;
}

/** Turns a file's content into blocks. Replaced by a caching one in the builder. */
export type CompressContent = (
  content: Uint8Array,
  blockBytes: number,
) => Promise<readonly CompressedBlock[]>;

/**
 * Blocks under way at once: enough to keep libuv's four threads busy. Each holds a compressor of some MB, so that
 * all blocks of the runtime at once would take more memory than many machines have.
 */
const CONCURRENT_BLOCKS = 6;

/** Compresses on libuv's pool, so that every core works; the order of the result is that of the content. */
export async function compressContent(
  content: Uint8Array,
  blockBytes: number,
  onBlock?: (done: number, all: number) => void,
): Promise<readonly CompressedBlock[]> {
  const blocks: CompressedBlock[] = Array.from({ length: Math.ceil(content.length / blockBytes) });
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < blocks.length) {
      const index = next++;
      const start = index * blockBytes;
      blocks[index] = await compressBlock(content.subarray(start, start + blockBytes), blockBytes);
      onBlock?.(++done, blocks.length);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_BLOCKS }, work));
  return blocks;
}

async function compressBlock(plain: Uint8Array, blockBytes: number): Promise<CompressedBlock> {
  // Told the size, zstd sets up a compressor for it; untold it clears tables for the largest, 130 ms for each block.
  const packed = await compress(plain, { params: zstdParameters(blockBytes), pledgedSrcSize: plain.length });
  return packed.length < plain.length ? { bytes: packed, stored: false } : { bytes: plain, stored: true };
}
