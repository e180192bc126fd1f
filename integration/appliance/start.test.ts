import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchFrom } from '../../images/run/probe.ts';
import { createHousehold, type Household } from './harness.ts';

const configurations = fileURLToPath(new URL('../../configs/', import.meta.url));

let household: Household;
beforeAll(() => {
  household = createHousehold();
});
afterAll(() => household[Symbol.asyncDispose]());

function write(name: string, toml: string): string {
  const file = join(household.folder, name);
  writeFileSync(file, toml);
  return file;
}

describe('lares start web-service', () => {
  const config = (more = ''): string =>
    write(
      'own.toml',
      `[web-service]\naddress = "127.0.0.1"\nhttp-port = 0\nhttps-port = 0\n${more}[admin]\nport = 0\n`,
    );
  const start = (file: string) =>
    household.follow(
      'start',
      'web-service',
      '--config',
      file,
      '--content',
      configurations,
      '--data',
      join(household.folder, 'data'),
    );

  it('serves the site from a process of this host, and ends in order when it is told to', async () => {
    const started = start(config());
    const [, url = ''] = await started.printed(/lares: (https:\/\/127\.0\.0\.1:\d+\/)/);
    await started.printed(/lares: ready after/);
    const page = await fetchFrom(url);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.body).toContain('<h1>Your house’s own services</h1>');
    started.process.kill('SIGTERM');
    const { code } = await started.finished;
    expect([code, started.output()]).toEqual([0, expect.stringContaining('lares: stopping')]);
    await expect(fetchFrom(url)).rejects.toThrow('ECONNREFUSED');
  });

  it('names a folder without a start page and ends with 1', async () => {
    const { code, stderr, stdout } = await start(config('site-folder = "web-service/site/fonts"\n')).finished;
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(
      /The service did not start: the site folder .*fonts: the site has no index\.html/,
    );
  });
});

describe('lares config check', () => {
  it('is content with the shipped configurations', async () => {
    for (const name of ['web-service.toml', 'web-service.start.toml'])
      expect(await household.lares('config', 'check', join(configurations, name))).toMatchObject({
        code: 0,
        stderr: '',
      });
  });

  it('names all faults at once and ends with 1', async () => {
    const file = write(
      'faulty.toml',
      '[web-service]\nhttps-port = "443"\n[network]\nipv4 = "dchp"\nmtu = 1500\n',
    );
    const { code, stderr } = await household.lares('config', 'check', file);
    expect(code).toBe(1);
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      expect.stringContaining(
        'faulty.toml:2: web-service.https-port: "443" is not right; right is a whole number from 0 to 65535',
      ),
      expect.stringContaining('faulty.toml:4: network.ipv4: "dchp" is not right'),
      expect.stringContaining('faulty.toml:5: network.mtu: is not a key that Lares knows'),
    ]);
    expect(stderr).toContain('3 faults.');
  });
});
