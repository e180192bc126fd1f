import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContentRefused } from '../release.ts';
import { textsOf } from '../testing/archives.ts';
import { packOf } from '../testing/git-host.ts';
import { readPack } from './read-pack.ts';
import { filesOfCommit } from './tree-files.ts';

const FILES = { 'index.html': 'x'.repeat(5_000), 'empty.txt': '' };

async function read(
  pack: Uint8Array,
  head: string,
  sizeMaxBytes = 1_000_000,
): Promise<Record<string, string>> {
  return textsOf(filesOfCommit(await readPack(pack, sizeMaxBytes), head, ''));
}

describe('readPack()', () => {
  it('gives the objects of a commit', async () => {
    const { pack, head } = packOf(FILES);
    expect(await read(pack, head)).toEqual(FILES);
  });

  it('unpacks no more than allowed', async () => {
    const { pack, head } = packOf(FILES);
    await expect(read(pack, head, 4_000)).rejects.toMatchObject({ kind: 'too-large' });
  });

  it('refuses a pack that lacks something of the commit', async () => {
    await expect(read(packOf(FILES).pack, packOf({}).head)).rejects.toThrow('lacks something of the commit');
  });

  it('gives what was committed or refuses, whatever the bytes', async () => {
    const { pack, head } = packOf(FILES);
    const changes = fc.array(fc.tuple(fc.nat(pack.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, async list => {
        const copy = Uint8Array.from(pack);
        for (const [at, byte] of list) copy[at] = byte;
        const outcome = await read(copy, head).catch((error: unknown) => error);
        // Objects are known by their hash, so what comes out is right or nothing is.
        if (!(outcome instanceof ContentRefused)) expect(outcome).toEqual(FILES);
      }),
      { numRuns: 1_000 },
    );
  });
});
