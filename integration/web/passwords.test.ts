import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatScryptHash, hashPassword } from '../../shared/components/passwords/scrypt-hash.ts';
import { ask1, ask2, type Ask, type Reply } from './client.ts';
import { startWebServer, type WebServer } from './server.ts';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe.each(['direct', 'node'])('a folder behind a password, by the %s engine', engine => {
  let server: WebServer;
  beforeAll(async () => {
    const users = [`anna:${formatScryptHash(await hashPassword('right'))}`];
    server = await startWebServer(
      { 'index.html': 'home', 'private/index.html': 'secret' },
      { engine, 'password-folders': [{ folder: '/private/', users }] },
    );
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const versions: [string, (ask: Ask) => Promise<Reply>][] = [
    ['HTTP/1.1', ask => ask1(server.httpsPort, ask)],
    ['HTTP/2', ask => ask2(server.httpsPort, ask)],
  ];

  it.each(versions)('opens to who knows it, over %s', async (_version, ask) => {
    const authorization = basic('anna', 'right');
    const wrong = basic('anna', 'wrong');
    const replies = [
      await ask({ path: '/private/' }),
      await ask({ path: '/private/', headers: { authorization: wrong } }),
      await ask({ path: '/private/', headers: { authorization } }),
      await ask({ path: '/private/', headers: { authorization }, method: 'HEAD' }),
      await ask({ path: '/' }),
    ];
    expect(replies.map(({ status, body }) => [status, body])).toEqual([
      [401, '401 Unauthorized\n'],
      [401, '401 Unauthorized\n'],
      [200, 'secret'],
      [200, ''],
      [200, 'home'],
    ]);
    expect(replies[0]?.headers['www-authenticate']).toBe('Basic realm="/private/", charset="UTF-8"');
    expect(replies[2]?.headers['cache-control']).toBe('private, no-cache');
  });

  it('answers forty visitors at once whose key is derived once', async () => {
    const headers = { authorization: basic('anna', 'right') };
    const replies = await Promise.all(
      Array.from({ length: 40 }, () => ask1(server.httpsPort, { path: '/private/', headers })),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('counts every visit', async () => {
    // Workers tell of their exchanges in batches.
    await expect
      .poll(async () => (await server.report()).status['any name'], { timeout: 5_000 })
      .toBe('50, 0 of them failed, 0 MiB sent');
  });
});
