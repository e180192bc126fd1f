import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { executables } from './build.ts';
import { packageFolders } from './bundle.ts';
import { formatCommandLine } from './command-line.ts';
import { readContent, readTree, recipeFor } from './recipe.ts';
import { settingsDrive } from './settings-drive.ts';
import { directory, file } from '../disk/tree.ts';

describe('recipeFor', () => {
  it('names the services there are where there is none of that name', () => {
    expect(() => recipeFor('webservice')).toThrow(/no service 'webservice'.*web-service/);
  });
});

describe('readContent', () => {
  it('says which folder of the configuration is missing', async () => {
    const reading = readContent(
      recipeFor('web-service'),
      '[web-service]\nsite-folder = "nowhere"',
      '/nonexistent',
    );
    await expect(reading).rejects.toThrow('/nonexistent/nowhere: the configuration names this folder');
  });

  it('leaves an absolute folder to the data volume', async () => {
    const content = await readContent(
      recipeFor('web-service'),
      '[web-service]\nsite-folder = "/data/site"',
      '/',
    );
    expect(content.size).toBe(0);
  });
});

describe('readTree', () => {
  it('refuses a symbolic link, which could point out of the site', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lares-tree-'));
    try {
      await mkdir(join(folder, 'below'));
      await writeFile(join(folder, 'below', 'page.html'), '<h1>', { mode: 0o700 });
      expect(await readTree(folder)).toEqual(
        directory({ below: directory({ 'page.html': file(Buffer.from('<h1>')) }) }),
      );
      await symlink('/etc/passwd', join(folder, 'below', 'link'));
      await expect(readTree(folder)).rejects.toThrow('below/link: neither a file nor a folder');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('packageFolders', () => {
  it('lists each package once, nested ones too, and none that was shaken off', () => {
    const paths = [
      'node_modules/zod/v4/core.js',
      'node_modules/zod/index.js',
      'node_modules/a/node_modules/@s/b/x.js',
    ];
    const inputs = Object.fromEntries(paths.map(path => [path, { bytesInOutput: 10 }]));
    const output = {
      bytes: 1,
      imports: [],
      exports: [],
      inputs: { ...inputs, 'node_modules/unused/x.js': { bytesInOutput: 0 } },
    };
    expect(packageFolders({ inputs: {}, outputs: { 'main.mjs': output } })).toEqual([
      'node_modules/a/node_modules/@s/b',
      'node_modules/zod',
    ]);
  });
});

describe('formatCommandLine', () => {
  it('opens a debugger for debug builds alone', () => {
    expect(formatCommandLine({ version: '1', debug: false })).not.toContain('inspect');
    expect(formatCommandLine({ version: '1', debug: true })).toMatch(
      / -- .*--inspect=0\.0\.0\.0:9229 .*main\.mjs$/,
    );
  });
});

describe('settingsDrive', () => {
  it('has an example, and no lares.toml that would be taken for the owner’s', () => {
    expect([...settingsDrive('web-service', 'a = 1\n').entries.keys()]).toEqual([
      'README.txt',
      'lares.example.toml',
    ]);
  });
});

describe('executables', () => {
  it('gives the path of every file with an execute bit for anyone', () => {
    const tree = directory({ a: file('', 0o644), b: directory({ c: file('', 0o611), d: file('', 0o600) }) });
    expect(executables(tree)).toEqual(['/b/c']);
  });
});
