import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect as http2Connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askOn, converse, open } from './client.ts';
import { PAYLOADS, SECRET } from './payloads.ts';
import { startWebServer, type WebServer } from './server.ts';

const HIDDEN = [
  '.env',
  '.git/config',
  '.htpasswd',
  'docs/.env',
  '.well-known/.env',
  '.hidden/deep/x.txt',
  '.codings/secret.txt',
];
const FILES = {
  'index.html': 'home',
  'docs/index.html': 'docs',
  'ten.txt': '0123456789',
  '404.html': 'lost',
  _headers: `/nothing\n  x-secret: ${SECRET}\n`,
  _redirects: `/nothing-at-all /?${SECRET}\n`,
  ...Object.fromEntries(HIDDEN.map(path => [path, SECRET])),
};

/** A site with hidden files and rules, links out of it, and files beside its folder. */
async function startHaunted(engine: string): Promise<WebServer & { readonly outside: string }> {
  const outside = await mkdtemp(join(tmpdir(), 'lares-outside-'));
  await writeFile(join(outside, 'secret.txt'), SECRET);
  const server = await startWebServer(FILES, { listing: true, engine }, async folder => {
    await writeFile(join(folder, 'secret.txt'), SECRET);
    await writeFile(join(folder, 'web-service/secret.txt'), SECRET);
    await symlink(join(outside, 'secret.txt'), join(folder, 'web-service/site/file-link'));
    await symlink(outside, join(folder, 'web-service/site/folder-link'));
  });
  return { ...server, outside };
}

const LEAKS = new RegExp(`${SECRET}|root:.*:0:0:`);

describe.each(['direct', 'node'])('payloads, by the engine %s', engine => {
  let server: Awaited<ReturnType<typeof startHaunted>>;
  beforeAll(async () => {
    server = await startHaunted(engine);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(server.outside, { recursive: true });
  });

  it('are many', () => {
    expect(PAYLOADS.length).toBeGreaterThan(2_000);
  });

  it('leak nothing over HTTP/1.1', async () => {
    const PER_CONNECTION = 100;
    let answers = 0;
    for (let from = 0; from < PAYLOADS.length; from += PER_CONNECTION) {
      const batch = PAYLOADS.slice(from, from + PER_CONNECTION);
      const socket = await open(server.httpsPort, 'http/1.1');
      const requests = batch.map(target => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      const last = 'GET /ten.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
      const text = await converse(socket, requests.join('') + last);
      expect(LEAKS.exec(text)?.[0], batch.join('\n')).toBeUndefined();
      // Each was answered, and the connection came to its end: none was taken for something else.
      expect(text.endsWith('0123456789')).toBe(true);
      answers += text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
    }
    expect(answers).toBe(PAYLOADS.length + Math.ceil(PAYLOADS.length / PER_CONNECTION));
  });

  it('leak nothing over HTTP/2', async () => {
    const statuses = new Set<number>();
    // RFC 9113 §8.3.1: :path begins with a slash.
    const paths = PAYLOADS.filter(target => target.startsWith('/'));
    // Below the number of streams after which a connection ends.
    const PER_CONNECTION = 5_000;
    for (let first = 0; first < paths.length; first += PER_CONNECTION) {
      const session = http2Connect(`https://localhost:${server.httpsPort}`, { rejectUnauthorized: false });
      session.setMaxListeners(0);
      const part = paths.slice(first, first + PER_CONNECTION);
      for (let from = 0; from < part.length; from += 50) {
        const batch = part.slice(from, from + 50);
        for (const [index, reply] of (
          await Promise.all(batch.map(path => askOn(session, { path })))
        ).entries()) {
          expect(LEAKS.exec(reply.body + JSON.stringify(reply.headers))?.[0], batch[index]).toBeUndefined();
          statuses.add(reply.status);
        }
      }
      session.close();
    }
    // None of them is anything that the site has.
    expect([...statuses].toSorted()).toEqual([400, 404]);
  });
});
