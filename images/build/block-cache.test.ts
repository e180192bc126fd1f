import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cachedCompressor, decodeBlocks, encodeBlocks } from './block-cache.ts';

describe('decodeBlocks', () => {
  const blocks = fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 50 }), stored: fc.boolean() }));

  it('gives back what encodeBlocks wrote', () => {
    fc.assert(
      fc.property(blocks, written => {
        const read = decodeBlocks(encodeBlocks(written)) ?? [];
        expect(read.map(each => ({ bytes: [...each.bytes], stored: each.stored }))).toEqual(
          written.map(each => ({ bytes: [...each.bytes], stored: each.stored })),
        );
      }),
    );
  });

  it('refuses an entry with any byte changed or cut off', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), (written, place) => {
        const entry = encodeBlocks(written);
        const at = place % entry.length;
        const changed = new Uint8Array(entry);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(decodeBlocks(changed)).toBeUndefined();
        expect(decodeBlocks(entry.subarray(0, at))).toBeUndefined();
      }),
    );
  });
});

describe('cachedCompressor', () => {
  const content = new Uint8Array(1024 * 1024 + 5).fill(3);

  it('compresses once, and again where the entry is damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lares-cache-'));
    try {
      let compressed = 0;
      const compress = cachedCompressor(folder, done => (compressed = done));
      const first = await compress(content, 128 * 1024);
      expect(compressed).toBe(9);
      compressed = 0;
      expect(Buffer.concat((await compress(content, 128 * 1024)).map(each => each.bytes))).toEqual(
        Buffer.concat(first.map(each => each.bytes)),
      );
      expect(compressed).toBe(0);
      const [name = ''] = await readdir(folder);
      await writeFile(join(folder, name), (await readFile(join(folder, name))).subarray(1));
      await compress(content, 128 * 1024);
      expect(compressed).toBe(9);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
