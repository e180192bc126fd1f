import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecretFiles } from './secret-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lares-secrets-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('readSecretFiles()', () => {
  it('has none where there is no folder', () => {
    expect(readSecretFiles(join(folder, 'absent'))).toEqual({ secrets: {}, faults: [] });
  });

  it('says that a file is not a folder of secrets', async () => {
    await writeFile(join(folder, 'secrets'), 'x');
    const { secrets, faults } = readSecretFiles(join(folder, 'secrets'));
    expect(secrets).toEqual({});
    expect(faults).toEqual([expect.stringMatching(/^no secrets are used: .*ENOTDIR/)]);
  });

  it('reads files, those that are linked too, and no hidden ones', async () => {
    await writeFile(join(folder, 'here'), '\uFEFFone\n');
    await writeFile(join(folder, '.DS_Store'), 'x');
    await symlink('here', join(folder, 'linked'));
    expect(readSecretFiles(folder)).toEqual({ secrets: { here: 'one\n', linked: 'one\n' }, faults: [] });
  });

  it('tells of each that is none, and has the others', async () => {
    await writeFile(join(folder, 'good'), 'one');
    await mkdir(join(folder, 'a-folder'));
    await symlink('absent', join(folder, 'dangling'));
    await writeFile(join(folder, 'huge'), Buffer.alloc(1_048_577));
    const { secrets, faults } = readSecretFiles(folder);
    expect(secrets).toEqual({ good: 'one' });
    expect(faults.toSorted()).toEqual([
      `the secret a-folder is not used: ${folder}/a-folder is not a file`,
      `the secret dangling is not used: ${folder}/dangling cannot be read (ENOENT)`,
      `the secret huge is not used: ${folder}/huge has 1048577 bytes; 1048576 at most are read`,
    ]);
  });
});
