import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHostContent } from './content.ts';

describe('createHostContent()', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lares-content-'));
    await mkdir(join(folder, 'site/images'), { recursive: true });
    await writeFile(join(folder, 'site/index.html'), 'home');
    await writeFile(join(folder, 'site/images/b.svg'), 'picture');
    await writeFile(join(folder, 'secret.txt'), 'secret');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lists files with size and time, sorted', async () => {
    const entries = await createHostContent().list(join(folder, 'site'));
    expect(entries.map(entry => [entry.path, entry.sizeBytes])).toEqual([
      ['images/b.svg', 7],
      ['index.html', 4],
    ]);
    expect(entries[0]?.modifiedMs).toBeGreaterThan(Date.UTC(2020, 0, 1));
  });

  it('leaves out symbolic links, to files and to folders', async () => {
    await symlink('../secret.txt', join(folder, 'site/leak.txt'));
    await symlink('..', join(folder, 'site/up'));
    const paths = (await createHostContent().list(join(folder, 'site'))).map(entry => entry.path);
    expect(paths).toEqual(['images/b.svg', 'index.html']);
  });

  it('gives no time where the file system has one fixed time for all', async () => {
    await utimes(join(folder, 'site/index.html'), 0, 0);
    const entries = await createHostContent().list(join(folder, 'site'));
    expect(entries.find(entry => entry.path === 'index.html')).toEqual({ path: 'index.html', sizeBytes: 4 });
  });

  it('reads a whole file', async () => {
    const bytes = await createHostContent().read(join(folder, 'site'), 'images/b.svg');
    expect(new TextDecoder().decode(bytes)).toBe('picture');
  });

  it('names what is missing', async () => {
    const missing = join(folder, 'nowhere');
    await expect(createHostContent().list(missing)).rejects.toMatchObject({
      kind: 'not-found',
      message: `${missing} is not there`,
    });
    await expect(createHostContent().read(folder, 'nothing.html')).rejects.toMatchObject({
      kind: 'not-found',
    });
  });
});
