import { mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFolder } from './pack-folder.ts';

describe('readFolder()', () => {
  it.each<[string, (folder: string) => string]>([
    ['its absolute path', folder => folder],
    ['its absolute path with a slash', folder => `${folder}/`],
    ['its relative path', folder => relative(process.cwd(), folder)],
    ['a dot', () => '.'],
    ['a dot and a slash', () => './'],
  ])('names files from the folder on, called by %s', async (_by, pathOf) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'lares-site-'));
    for (const name of ['css', '.git', '.well-known']) await mkdir(join(folder.path, name));
    for (const name of ['index.html', 'css/style.css', '.git/config', '.well-known/security.txt'])
      await writeFile(join(folder.path, name), name);
    await symlink('index.html', join(folder.path, 'link.html'));
    const path = pathOf(folder.path);
    const before = process.cwd();
    if (path.startsWith('./') || path === '.') process.chdir(folder.path);
    try {
      expect(await readFolder(path)).toEqual({
        path,
        files: ['.well-known/security.txt', 'css/style.css', 'index.html'],
        leftOut: ['link.html'],
      });
    } finally {
      process.chdir(before);
    }
  });
});
