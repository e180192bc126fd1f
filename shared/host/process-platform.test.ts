import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessPlatform } from './process-platform.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lares-platform-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a process as platform', () => {
  it('reads the configuration it is given, and finds content beside it', async () => {
    const file = join(folder, 'site.toml');
    await writeFile(file, '[web-service]\n');
    const platform = createProcessPlatform(['--config', file, '--data', join(folder, 'data')], 'web-service');
    expect(platform.kind).toBe('process');
    expect(platform.configuration).toEqual([{ origin: file, text: '[web-service]\n' }]);
    expect(platform.contentFolder).toBe(folder);
    expect(platform.dataFolder).toBe(join(folder, 'data'));
    expect(platform.stopRequested.aborted).toBe(false);
  });

  it('reads secrets beside the configuration, hidden files apart', async () => {
    const file = join(folder, 'site.toml');
    await writeFile(file, '');
    expect(createProcessPlatform(['--config', file], 'web-service').secrets).toEqual({});
    await mkdir(join(folder, 'secrets'));
    await writeFile(join(folder, 'secrets', 'dns-update'), 'c2VjcmV0\n');
    await writeFile(join(folder, 'secrets', '.DS_Store'), 'x');
    expect(createProcessPlatform(['--config', file], 'web-service').secrets).toEqual({
      'dns-update': 'c2VjcmV0\n',
    });
  });

  it('starts without a secret that is none, and says so', async () => {
    const file = join(folder, 'site.toml');
    await writeFile(file, '');
    await mkdir(join(folder, 'secrets', 'old'), { recursive: true });
    const platform = createProcessPlatform(['--config', file], 'web-service');
    expect(platform.secrets).toEqual({});
    const { faults } = await platform.facts();
    expect(faults).toEqual([`the secret old is not used: ${folder}/secrets/old is not a file`]);
  });

  it('keeps its data in the state folder of the user', () => {
    const platform = createProcessPlatform([], 'web-service');
    expect(platform.dataFolder).toMatch(/\/lares\/web-service$/);
    expect(platform.configuration).toEqual([]);
  });

  it('says which file it cannot read, and which option it does not know', () => {
    const absent = join(folder, 'absent.toml');
    expect(() => createProcessPlatform(['--config', absent], 'web-service')).toThrow(absent);
    expect(() => createProcessPlatform(['--dta', 'x'], 'web-service')).toThrow('--dta');
  });

  it('tells honest facts: it has given up nothing', async () => {
    const facts = await createProcessPlatform([], 'web-service').facts();
    expect(facts.execve).toBe('allowed');
    expect(facts.memory.availableBytes).toBeGreaterThan(0);
    expect(facts.memory.availableBytes).toBeLessThanOrEqual(facts.memory.totalBytes);
    expect(facts.tasks.map(({ id }) => id)).toContain(process.pid);
    expect(facts.kernel).toMatch(/^Linux /);
  });
});
