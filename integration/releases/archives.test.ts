import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admit } from '../../shared/components/releases/admit.ts';
import { readArchive } from '../../shared/components/releases/archive/archive.ts';
import { inPieces, textsOf } from '../../shared/components/releases/testing/archives.ts';

const SIZE_MAX_BYTES = 1024 * 1024;
const FILES = {
  'index.html': '<h1>hearth</h1>',
  'empty.txt': '',
  'rooms/Küche, klein.html': 'x'.repeat(70_000),
};
/** More than ustar's 100 bytes of name, which other formats hold. */
const LONG = { [`${'very-long-folder-name/'.repeat(6)}page.html`]: 'deep' };

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lares-archives-'));
  for (const [path, text] of Object.entries({ ...FILES, ...LONG })) {
    mkdirSync(dirname(join(folder, 'site', path)), { recursive: true });
    writeFileSync(join(folder, 'site', path), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { cwd: join(folder, 'site'), stdio: ['ignore', 'ignore', 'inherit'] });
}

async function read(name: string): Promise<Record<string, string>> {
  const bytes = inPieces(readFileSync(join(folder, name)), 4_096);
  return textsOf(admit(readArchive(bytes, SIZE_MAX_BYTES), SIZE_MAX_BYTES));
}

describe('archives of the usual programs', () => {
  it.each(['gnu', 'oldgnu', 'pax', 'posix', 'ustar'])(
    'GNU tar in format %s, with ./ before every name',
    async format => {
      run('tar', `--format=${format}`, '-cf', '../site.tar', '.');
      expect(await read('site.tar')).toEqual({ ...FILES, ...LONG });
    },
  );

  it('GNU tar in format v7, of 1979, is refused: nothing in it says that it is a tar', async () => {
    run('tar', '--format=v7', '-cf', '../site.tar', ...Object.keys(FILES));
    await expect(read('site.tar')).rejects.toThrow('the archive is no tar');
  });

  it('GNU tar with gzip', async () => {
    run('tar', '-czf', '../site.tar.gz', '.');
    expect(await read('site.tar.gz')).toEqual({ ...FILES, ...LONG });
  });

  it.each(['tar', 'tar.gz', 'zip'])('git archive as %s', async format => {
    const git = (...args: string[]): void =>
      run('git', '-c', 'user.name=Anna', '-c', 'user.email=anna@example.org', ...args);
    git('init', '--quiet', '.');
    git('add', '-A');
    git('commit', '--quiet', '--allow-empty', '-m', 'site');
    git('archive', `--format=${format}`, '--output', `../archive.${format}`, 'HEAD');
    rmSync(join(folder, 'site/.git'), { recursive: true });
    expect(await read(`archive.${format}`)).toEqual({ ...FILES, ...LONG });
  });
});
