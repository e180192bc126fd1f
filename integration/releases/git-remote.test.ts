import { randomBytes } from 'node:crypto';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchCommit, findCommit, type GitRemote } from '../../shared/components/releases/git/remote.ts';
import { textsOf } from '../../shared/components/releases/testing/archives.ts';
import type { Http } from '../../shared/devices/http.ts';
import { createHostDevices, type HostDevices } from '../../shared/host/devices.ts';
import { createHousehold, type Household } from '../appliance/harness.ts';
import { startGitServer, type GitServer } from './git-server.ts';

const SIZE_MAX_BYTES = 8 * 1024 * 1024;

let household: Household;
let devices: HostDevices;
let server: GitServer;
let http: Http;

beforeEach(async () => {
  household = createHousehold();
  devices = await createHostDevices({
    entry: import.meta.url,
    dataFolder: join(household.folder, 'data'),
    planes: {},
    jobs: {},
    services: {},
    logOutput: { write: () => undefined },
  });
  ({ http } = devices);
  server = await startGitServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await devices[Symbol.asyncDispose]();
  await household[Symbol.asyncDispose]();
});

async function read(
  remote: Partial<GitRemote> = {},
  token?: string,
): Promise<{ readonly id: string; readonly files: Record<string, string> }> {
  const access = { http, token, signal: new AbortController().signal };
  const whole: GitRemote = { url: server.url, folder: '', ...remote };
  const id = await findCommit(whole, access);
  if (!id.ok) throw new Error(id.error);
  const files = await fetchCommit(whole, id.value, { ...access, sizeMaxBytes: SIZE_MAX_BYTES });
  if (!files.ok) throw new Error(files.error);
  return { id: id.value, files: await textsOf(files.value) };
}

describe('a git remote behind http-backend', () => {
  it('gives the files of its newest commit, and asks three times for it', async () => {
    server.commit({ 'old.html': 'gone later' });
    const files = { 'index.html': 'Grüße', 'empty.txt': '', 'a/b/c/ü.txt': 'deep', '.well-known/x': 'shown' };
    const id = server.commit({ ...files, '.github/workflow.yml': 'hidden', 'a/.hidden': 'hidden' });
    expect(await read()).toEqual({ id, files });
    expect(server.requests()).toBe(3);
  });

  it('gives files that are stored as deltas of each other, at any depth', async () => {
    const lines = Array.from({ length: 3_000 }, () => randomBytes(20).toString('hex'));
    const files: Record<string, string> = {};
    for (let index = 0; index < 40; index++) {
      lines[index * 70] = `changed ${index}`;
      files[`page-${index}.html`] = lines.slice(index % 3).join('\n');
    }
    server.commit(files);
    server.git('gc', '--aggressive', '--quiet');
    expect(Number(/^size-pack: (\d+)/m.exec(server.git('count-objects', '-v'))?.[1])).toBeLessThan(400);
    expect((await read()).files).toEqual(files);
  });

  it('follows a branch and a folder of it', async () => {
    server.commit({ 'index.html': 'main', 'public/index.html': 'public on main' });
    server.commit({ 'public/index.html': 'public', 'public/a.css': 'css', 'src/x.ts': 'source' }, 'live');
    expect((await read({ branch: 'live', folder: 'public' })).files).toEqual({
      'index.html': 'public',
      'a.css': 'css',
    });
    expect((await read({ branch: 'main' })).files['index.html']).toBe('main');
    await expect(read({ branch: 'none' })).rejects.toThrow("the repository has no branch 'none'");
    await expect(read({ folder: 'nowhere' })).rejects.toThrow('nowhere: is no folder of the repository');
  });

  it('is refused by name where it has links or submodules', async () => {
    server.commit({ 'index.html': 'x' });
    symlinkSync('/etc/passwd', join(server.git('rev-parse', '--show-toplevel'), 'passwd'));
    server.git('add', 'passwd');
    server.git('commit', '--quiet', '-m', 'link');
    await expect(read()).rejects.toThrow('passwd: is a link');
    server.commit({ 'index.html': 'x' });
    server.git('update-index', '--add', '--cacheinfo', `160000,${server.git('rev-parse', 'HEAD')},vendor`);
    server.git('commit', '--quiet', '-m', 'submodule');
    await expect(read()).rejects.toThrow('vendor: is a submodule');
  });

  it('unpacks no more than allowed, however small the pack', async () => {
    server.commit({ 'index.html': 'x', bomb: '\0'.repeat(80 * 1024 * 1024) });
    expect(Number(/^size: (\d+)/m.exec(server.git('count-objects', '-v'))?.[1])).toBeLessThan(1_000);
    await expect(read()).rejects.toMatchObject({ kind: 'too-large' });
  });

  it('may ask for a token', async () => {
    server.commit({ 'index.html': 'x' });
    server.requireToken('sesame');
    await expect(read()).rejects.toThrow('it takes a token to read it (status 401)');
    await expect(read({}, 'wrong')).rejects.toThrow('it takes a token to read it (status 401)');
    expect((await read({}, 'sesame')).files).toEqual({ 'index.html': 'x' });
  });

  it('says what is wrong where it is empty, fails, or is no repository', async () => {
    await expect(read()).rejects.toThrow('the repository is empty');
    server.fail(500);
    await expect(read()).rejects.toThrow('the git server answers with status 500');
    server.fail(200);
    await expect(read()).rejects.toThrow('what answers there is no git repository');
    server.fail('close');
    await expect(read()).rejects.toMatchObject({ name: 'DeviceError', kind: 'reset' });
  });
});
