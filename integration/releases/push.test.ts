import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tarOf, tarWith, zipOf } from '../../shared/components/releases/testing/archives.ts';
import { eventually } from '../eventually.ts';
import { START_PAGE, startSiteAppliance, type SiteAppliance } from './site-appliance.ts';

let appliance: SiteAppliance;

beforeAll(async () => {
  appliance = await startSiteAppliance();
});
afterAll(() => appliance[Symbol.asyncDispose]());

const site = (...args: string[]) => appliance.household.lares('site', ...args, '--to', appliance.host);
const put = (archive: Uint8Array, name = 'site') =>
  appliance.admin('PUT', `/releases/${name}`, { content: archive });
const home = async (): Promise<string> => (await appliance.page('/')).text;

describe('lares site', () => {
  it('pushes a folder: it is shown, and what changed is told', async () => {
    expect(await home()).toBe(START_PAGE);
    const folder = appliance.folder('first', {
      'index.html': '<h1>First</h1>',
      'rooms/kitchen.html': 'the hearth',
      '.git/config': 'secret',
      '.well-known/security.txt': 'Contact: mailto:anna@example.org',
    });
    symlinkSync('/etc/passwd', join(folder, 'passwd'));
    const { code, stdout, stderr } = await site('push', folder);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: [
        'Release 1 of site: 1 changed, 2 new, 0 gone',
        '  ~ index.html',
        '  + .well-known/security.txt',
        '  + rooms/kitchen.html',
        `https://127.0.0.1:${appliance.sitePort}/`,
        '',
      ].join('\n'),
      stderr: expect.stringContaining('passwd: is left out, since it is no plain file') as string,
    });
    expect(await home()).toBe('<h1>First</h1>');
    expect((await appliance.page('/rooms/kitchen.html')).text).toBe('the hearth');
    expect((await appliance.page('/passwd')).status).toBe(404);
    expect((await site('push', folder)).stdout).toMatch(
      /^site shows these 3 files already: release 1, pushed by anna/,
    );
  });

  it('tells file and line of what is wrong, and what was shown is still shown', async () => {
    const noIndex = await site('push', appliance.folder('no-index', { 'start.html': 'x' }));
    expect(noIndex).toMatchObject({ code: 1, stdout: '' });
    expect(noIndex.stderr).toMatch(/refused; what was shown is still shown:\n {2}.*no index\.html/);
    const badRule = await site(
      'push',
      appliance.folder('bad-rule', { 'index.html': 'x', _redirects: '/a /b\n/only-a-path\n' }),
    );
    expect(badRule.stderr).toMatch(/refused; what was shown is still shown:\n {2}_redirects:2: /);
    expect(await home()).toBe('<h1>First</h1>');
  });

  it('lists, goes back and forth', async () => {
    await site('push', appliance.folder('second', { 'index.html': '<h1>Second</h1>' }));
    expect(await home()).toBe('<h1>Second</h1>');
    expect((await site('rollback')).stdout).toMatch(/^site shows release 1, pushed by anna, .* UTC\nhttps:/);
    expect(await home()).toBe('<h1>First</h1>');
    expect((await site('activate', '0')).stdout).toMatch(/^site shows release 0, baked in\n/);
    expect(await home()).toBe(START_PAGE);
    await site('activate', '2');
    expect((await site('list')).stdout).toMatch(
      /^site\n {2}→ 2, pushed by anna, .*, 1 files\n {4}1, .*, 3 files\n {4}0, baked in\b/,
    );
    expect((await site('activate', '9')).stderr).toContain('site has no release 9; it has 2, 1, 0');
  });

  it('says which sites there are, and who may not enter', async () => {
    const folder = appliance.folder('third', { 'index.html': 'x' });
    expect((await site('push', folder, '--site', 'other')).stderr).toContain(
      "there is no site 'other'; there are: site",
    );
    expect((await site('push', '/nowhere')).stderr).toContain('/nowhere: is no folder that can be read');
  });
});

describe('PUT /releases/NAME', () => {
  it('takes tar, tar.gz and zip', async () => {
    const archives = {
      tar: await tarOf({ 'index.html': 'tar' }),
      gz: gzipSync(await tarOf({ 'index.html': 'gz' })),
      zip: zipOf({ 'index.html': 'zip' }),
    };
    for (const [text, archive] of Object.entries(archives)) {
      expect((await put(archive)).status).toBe(200);
      expect(await home()).toBe(text);
    }
  });

  it('refuses with status and reason, and the old release stays', async () => {
    const tar = await tarOf({ 'index.html': 'x' });
    const cases: readonly (readonly [archive: Uint8Array, status: number, message: RegExp])[] = [
      [await tarOf({ 'index.html': 'x', '../../etc/passwd': 'x' }), 422, /etc\/passwd.*'\.\.'/],
      [await tarOf({ 'index.html': 'x', 'INDEX.html': 'x' }), 422, /INDEX\.html.*case alone/],
      [await tarWith({ name: 'link', type: 'symlink', linkname: '/etc/passwd' }), 422, /link.*is a link/],
      [tar.subarray(0, 600), 422, /cut off/],
      [Buffer.from('no archive at all'.repeat(100)), 422, /no tar/],
      [new Uint8Array(), 422, /empty/],
      [
        gzipSync(await tarOf({ 'index.html': 'x', bomb: '\0'.repeat(80 * 1024 * 1024) })),
        413,
        /more than 64 MiB/,
      ],
    ];
    for (const [archive, status, message] of cases) {
      const answer = await put(archive);
      expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(message)]);
      expect(await home()).toBe('zip');
    }
    expect(await put(tar, 'nobody')).toMatchObject({
      status: 404,
      text: expect.stringContaining('takes releases: site') as string,
    });
  });

  it('is for operators alone, and not for a page of somebody else', async () => {
    const content = await tarOf({ 'index.html': 'stranger' });
    for (const [method, path] of [
      ['PUT', '/releases/site'],
      ['POST', '/releases/site/rollback'],
      ['GET', '/releases'],
    ] as const) {
      const asked = method === 'PUT' ? { content, isStranger: true } : { isStranger: true };
      expect((await appliance.admin(method, path, asked)).status).toBe(403);
    }
    expect(await home()).toBe('zip');
  });

  it('an upload that breaks off leaves the old release, and the next one is taken', async () => {
    const archive = await tarOf({ 'index.html': 'y'.repeat(500_000) });
    const content = new PassThrough();
    const broken = appliance.admin('PUT', '/releases/site', { content });
    broken.catch(() => undefined);
    content.write(archive.subarray(0, 300_000));
    const busy = await eventually('the first upload is under way', async () => {
      const answer = await put(await tarOf({ 'index.html': 'z' }));
      return answer.status === 409 ? answer : undefined;
    });
    expect(busy.text).toContain('another release of site is on its way in');
    content.destroy(new Error('the line breaks'));
    await expect(broken).rejects.toThrow('the line breaks');
    const before = await home();
    expect(['zip', 'z']).toContain(before);
    await eventually(
      'the next release is taken',
      async () => (await put(await tarOf({ 'index.html': 'after' }))).status === 200,
    );
    expect(await home()).toBe('after');
  });
});

describe('a restart', () => {
  it('shows the release that was shown, and the status page tells of it', async () => {
    appliance = await appliance.restart();
    expect(await home()).toBe('after');
    const status = await appliance.admin('GET', '/status');
    expect(status.text).toMatch(/"Content of site","rows":\[\["Release","\d+, pushed by anna, \d{4}-/);
  });
});
