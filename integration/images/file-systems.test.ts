import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFat } from '../../images/disk/fat/fat.ts';
import { encodeSquashfs } from '../../images/disk/squashfs/squashfs.ts';
import { directory, file } from '../../images/disk/tree.ts';
import { randomTree } from './random-trees.ts';
import { listFolder, listTree, withoutModes } from './read-tree.ts';
import { createScratch, run } from './scratch.ts';

/** Each run starts several programs; these are enough to meet every kind of entry many times. */
const RUNS = 25;
const MIB_SECTORS = 2048;

describe('SquashFS, read by unsquashfs', () => {
  async function unpacked(image: Uint8Array, folder: string) {
    await writeFile(join(folder, 'image'), image);
    await run('unsquashfs', '-quiet', '-no-progress', '-dest', join(folder, 'out'), join(folder, 'image'));
    return listFolder(join(folder, 'out'));
  }

  it('gives back any tree', async () => {
    await fc.assert(
      fc.asyncProperty(randomTree({ links: true }), async tree => {
        await using scratch = await createScratch();
        const image = await encodeSquashfs(tree, { blockBytes: 4096 });
        expect(await unpacked(image, scratch.path)).toEqual(listTree(tree));
      }),
      { numRuns: RUNS },
    );
  });

  it('gives back a folder whose listing needs the large inode, and its runs of 256', async () => {
    await using scratch = await createScratch();
    const names = Array.from({ length: 2000 }, (_, index) => [`a-name-of-some-length-${index}`, file('x')]);
    const tree = directory({ many: directory(Object.fromEntries(names)) });
    const image = await encodeSquashfs(tree, { blockBytes: 128 * 1024 });
    expect(await unpacked(image, scratch.path)).toEqual(listTree(tree));
  });

  it('belongs to root and to no time', async () => {
    await using scratch = await createScratch();
    await writeFile(
      join(scratch.path, 'image'),
      await encodeSquashfs(directory({ a: file('') }), { blockBytes: 4096 }),
    );
    const listing = await run('unsquashfs', '-lln', '-UTC', join(scratch.path, 'image'));
    expect(listing).toMatch(/-rw-r--r-- 0\/0 +0 1970-01-01 00:00 squashfs-root\/a/);
  });
});

describe.each([
  ['fat16', 16],
  ['fat32', 36],
] as const)('%s of %i MiB, read by fsck.vfat and mtools', (kind, mib) => {
  it('gives back any tree', async () => {
    await fc.assert(
      fc.asyncProperty(randomTree({ links: false }), async tree => {
        await using scratch = await createScratch();
        const image = join(scratch.path, 'image');
        const options = {
          kind,
          sectors: mib * MIB_SECTORS,
          label: 'LARES',
          serial: 0x1a2b3c4d,
          hiddenSectors: 2048,
        };
        await writeFile(image, encodeFat(tree, options));
        expect(await run('fsck.vfat', '-n', image)).not.toMatch(
          /differ|wrong|bad|error|orphan|free cluster/i,
        );
        const out = join(scratch.path, 'out');
        await mkdir(out);
        if (tree.entries.size > 0) await run('mcopy', '-s', '-n', '-i', image, '::/*', out);
        expect(withoutModes(await listFolder(out))).toEqual(withoutModes(listTree(tree)));
      }),
      { numRuns: RUNS },
    );
  });
});
