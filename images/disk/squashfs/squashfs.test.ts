import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directory, file, symlink, treeFromPaths } from '../tree.ts';
import { encodeSquashfs } from './squashfs.ts';
import { compressContent, zstdParameters } from './zstd.ts';

const BLOCK_BYTES = 4096;

describe('encodeSquashfs', () => {
  it('gives the same bytes whatever order the tree was put together in', async () => {
    const paths = [
      ['bin/node', file('x'.repeat(10_000), 0o755)],
      ['etc/resolv.conf', symlink('/run/resolv.conf')],
      ['etc/hosts', file('127.0.0.1 localhost\n')],
      ['proc', directory()],
      ['Straße', file('a')],
      ['stra', file('b')],
    ] as const;
    const one = await encodeSquashfs(treeFromPaths(paths), { blockBytes: BLOCK_BYTES });
    const other = await encodeSquashfs(treeFromPaths(paths.toReversed()), {
      blockBytes: BLOCK_BYTES,
    });
    expect(Buffer.compare(one, other)).toBe(0);
  });

  it('tells the truth in its superblock', async () => {
    const image = await encodeSquashfs(directory({ a: file('a'), b: directory({ c: file('c') }) }), {
      blockBytes: BLOCK_BYTES,
    });
    const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
    expect(new TextDecoder().decode(image.subarray(0, 4))).toBe('hsqs');
    expect({ inodes: view.getUint32(4, true), time: view.getUint32(8, true) }).toEqual({
      inodes: 4,
      time: 0,
    });
    expect(Number(view.getBigUint64(40, true))).toBeLessThanOrEqual(image.length);
    expect(image.length % 4096).toBe(0);
  });

  it.each([3000, 2048, 2 ** 21])('refuses a block size of %i', async blockBytes => {
    await expect(encodeSquashfs(directory(), { blockBytes })).rejects.toThrow(RangeError);
  });
});

describe('compressContent', () => {
  it('gives blocks that decompress to the content, in order', async () => {
    const content = fc.uint8Array({ maxLength: 5 * BLOCK_BYTES, size: 'max' });
    await fc.assert(
      fc.asyncProperty(content, async bytes => {
        const blocks = await compressContent(bytes, BLOCK_BYTES);
        const plain = blocks.map(block => (block.stored ? block.bytes : zstdDecompressSync(block.bytes)));
        expect(Buffer.compare(Buffer.concat(plain), bytes)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('never asks the reader for a larger window than a block', () => {
    expect(Object.values(zstdParameters(128 * 1024))).toContain(17);
  });
});
