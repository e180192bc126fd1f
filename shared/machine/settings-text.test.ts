import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSettingsFolder } from './settings-text.ts';

let folder: string;
const faults: string[] = [];
const read = () => readSettingsFolder(folder, 'on the partition', fault => void faults.push(fault));
beforeEach(async () => {
  faults.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'lares-settings-'));
  await mkdir(join(folder, 'secrets'));
  await writeFile(join(folder, 'secrets', 'token'), 'one');
});
afterEach(() => rm(folder, { recursive: true }));

it('reads the text, without the mark that editors on Windows begin it with, and the secrets', async () => {
  await writeFile(join(folder, 'lares.toml'), '\uFEFF[network]\n');
  expect(read()).toEqual({
    configuration: [{ origin: 'lares.toml on the partition', text: '[network]\n' }],
    secrets: { token: 'one' },
  });
  expect(faults).toEqual([]);
});

it('has the text where a secret is a folder, and tells of it once', async () => {
  await writeFile(join(folder, 'lares.toml'), '');
  await mkdir(join(folder, 'secrets', 'old'));
  expect(read()).toMatchObject({ configuration: [{ text: '' }], secrets: { token: 'one' } });
  expect(faults).toEqual([`the secret old is not used: ${folder}/secrets/old is not a file`]);
});

it('has the secrets where the text is too large, and tells of it once', async () => {
  await writeFile(join(folder, 'lares.toml'), Buffer.alloc(1_048_577));
  expect(read()).toEqual({ configuration: [], secrets: { token: 'one' } });
  expect(faults).toEqual([expect.stringMatching(/^lares.toml on the partition cannot be read: .*1048577/)]);
});
