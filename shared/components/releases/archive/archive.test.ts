import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContentRefused } from '../release.ts';
import { inPieces, tarOf, tarWith, textsOf, zipOf } from '../testing/archives.ts';
import { readArchive } from './archive.ts';

const SIZE_MAX = 1_000_000;
const long = `${'folder/'.repeat(30)}long name, ü.html`;
const files = { 'index.html': '<h1>hearth</h1>', 'empty.txt': '', [long]: 'x'.repeat(100_000) };
const read = (archive: Uint8Array, piece = 1_000): Promise<Record<string, string>> =>
  textsOf(readArchive(inPieces(archive, piece), SIZE_MAX));

describe('readArchive()', () => {
  it.each([
    ['tar', () => tarOf(files)],
    ['tar.gz', async () => gzipSync(await tarOf(files))],
    ['tar.zst', async () => zstdCompressSync(await tarOf(files))],
    ['zip', async () => zipOf(files)],
    ['zip without compression', async () => zipOf(files, { store: true })],
  ])('reads %s, however it is cut into pieces', async (_, make) => {
    const archive = await make();
    for (const piece of [3, 512, 100_000]) expect(await read(archive, piece)).toEqual(files);
  });

  it.each([
    [
      'a symbolic link',
      { name: 'a', type: 'symlink', linkname: '/etc/passwd' },
      'a: is a link in the archive',
    ],
    ['a hard link', { name: 'a', type: 'link', linkname: 'b' }, 'a: is a link in the archive'],
    ['a device', { name: 'dev', type: 'character-device' }, 'dev: is no plain file (character-device)'],
    ['a pipe', { name: 'p', type: 'fifo' }, 'p: is no plain file (fifo)'],
  ] as const)('refuses %s in a tar', async (_, header, message) => {
    await expect(read(await tarWith(header))).rejects.toThrow(message);
  });

  it('refuses links and encrypted files in a zip, and names that differ', async () => {
    await expect(read(zipOf({ a: '/etc/passwd' }, { mode: 0o120777 }))).rejects.toThrow('a: is a link');
    await expect(read(zipOf({ a: 'x' }, { localName: 'b' }))).rejects.toThrow('a: has another name');
    const encrypted = zipOf({ a: 'x' });
    encrypted[encrypted.indexOf(0x50, 30) + 8] = 1;
    await expect(read(encrypted)).rejects.toThrow('a: is encrypted');
  });

  it('refuses what was cut off, at whatever byte', async () => {
    for (const archive of [await tarOf(files), gzipSync(await tarOf(files)), zipOf(files)])
      for (const part of [0, 0.001, 0.01, 0.3, 0.5, 0.9, 0.99]) {
        const cut = archive.subarray(0, Math.floor(archive.length * part));
        await expect(read(cut), `${part}`).rejects.toBeInstanceOf(ContentRefused);
      }
  });

  it('unpacks no more than allowed', { timeout: 60_000 }, async () => {
    const bomb = { bomb: '\0'.repeat(60_000_000) };
    for (const archive of [gzipSync(await tarOf(bomb)), zstdCompressSync(await tarOf(bomb))]) {
      expect(archive.length).toBeLessThan(100_000);
      await expect(read(archive, 65_536)).rejects.toMatchObject({ kind: 'too-large' });
    }
  });

  it('unpacks no more of a zipped file than its entry says', async () => {
    const archive = zipOf({ a: '\0'.repeat(1_000_000) });
    const directory = archive.indexOf(0x50, 30);
    new DataView(archive.buffer).setUint32(directory + 24, 10, true);
    await expect(read(archive)).rejects.toThrow('a: cannot be unpacked');
  });

  it('refuses zipped files that share bytes', async () => {
    const archive = zipOf({ a: 'x', b: 'x' });
    const view = new DataView(archive.buffer);
    const second = archive.lastIndexOf(0x50, archive.length - 23);
    view.setUint32(second + 42, 0, true);
    await expect(read(archive)).rejects.toThrow('overlap');
  });

  it('gives files or refuses, whatever the bytes', async () => {
    const whole = [await tarOf({ a: 'b', c: 'd' }), zipOf({ a: 'b', c: 'd' })];
    const damaged = fc
      .tuple(
        fc.constantFrom(...whole),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      )
      .map(([archive, changes]) => {
        const copy = Uint8Array.from(archive);
        for (const [at, byte] of changes) copy[at % copy.length] = byte;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 2_000 }), damaged), async bytes => {
        const outcome = await read(bytes).catch((error: unknown) => error);
        expect(outcome instanceof Error ? outcome : undefined).toSatisfy(
          error => error === undefined || error instanceof ContentRefused,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
