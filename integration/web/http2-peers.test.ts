import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STREAMS_PER_CONNECTION_MAX } from '../../services/web-service/limits.ts';
import { eventually } from '../eventually.ts';
import { ask2 } from './client.ts';
import { startWebServer, type WebServer } from './server.ts';

const run = promisify(execFile);
const LARGE = Buffer.alloc(5_000_000, 'large file ');
const FILES = { 'index.html': 'home', 'large.bin': LARGE };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let server: WebServer;
beforeAll(async () => {
  server = await startWebServer(FILES);
});
afterAll(() => server[Symbol.asyncDispose]());

const url = (path: string): string => `https://127.0.0.1:${server.httpsPort}${path}`;

/** What curl says on its output. It fails on faults of HTTP/2. */
async function curl(...words: readonly string[]): Promise<string> {
  const { stdout } = await run('curl', ['--silent', '--insecure', '--http2', ...words], {
    maxBuffer: 2 ** 26,
    encoding: 'latin1',
  });
  return stdout;
}

describe('HTTP/2 by nghttp2, curl and h2load', () => {
  // Windows of 2^n - 1 bytes for each stream: 1,023 are forty thousand updates.
  it.each(['10', '16', '30'])('nghttp takes a large file with windows of 2^%s', async bits => {
    const words = ['--window-bits', bits, '--connection-window-bits', '16', url('/large.bin')];
    const { stdout } = await run('nghttp', words, { maxBuffer: 2 ** 26, encoding: 'buffer' });
    expect(sha256(stdout)).toBe(sha256(LARGE));
  });

  it('nghttp finds nothing wrong with HEAD, a range, content and trailers', async () => {
    const verbose = ['--null-out', '--verbose'];
    const head = await run('nghttp', [...verbose, '-H', ':method: HEAD', url('/large.bin')]);
    expect(head.stdout).toMatch(/:status: 200[^]*content-length: 5000000/);
    const range = await run('nghttp', [...verbose, '-H', 'range: bytes=0-99', url('/large.bin')]);
    expect(range.stdout).toMatch(/:status: 206[^]*recv DATA frame <length=100/);
    const words = ['--data', import.meta.filename, '--trailer', 'x-sum: 1', url('/')];
    const post = await run('nghttp', [...verbose, ...words]);
    expect(post.stdout).toMatch(/:status: 405/);
    for (const { stdout } of [head, range, post])
      expect(stdout).not.toMatch(/recv GOAWAY|INVALID|ERROR\(0x(?!00)/);
  });

  it('curl takes many files at a time on one connection', async () => {
    const paths = Array.from({ length: 20 }, (_, index) => url(index % 4 === 0 ? '/large.bin' : '/'));
    const discard = paths.flatMap(path => ['--output', '/dev/null', path]);
    const format = '%{http_code} %{size_download} %{num_connects}\n';
    const text = await curl('--parallel', '--parallel-max', '20', '--write-out', format, ...discard);
    const lines = text.trim().split('\n');
    const sizes = lines.map(line => Number(line.split(' ')[1])).sort((left, right) => left - right);
    expect(sizes).toEqual([
      ...Array.from({ length: 15 }, () => 4),
      ...Array.from({ length: 5 }, () => LARGE.length),
    ]);
  });

  it('curl goes on with a new connection after the last stream of one', async () => {
    const count = STREAMS_PER_CONNECTION_MAX + 50;
    const words = ['--output', '/dev/null', '--write-out', '%{http_code} %{num_connects}\n'];
    const lines = (await curl(...words, url(`/?[1-${count}]`))).trim().split('\n');
    expect(lines.length).toBe(count);
    expect(lines.every(line => line.startsWith('200 '))).toBe(true);
    expect(lines.filter(line => line === '200 1').length).toBe(2);
  });

  it('h2load has every answer of 10,000 on one connection', async () => {
    const words = [
      '--requests',
      String(STREAMS_PER_CONNECTION_MAX),
      '--clients',
      '1',
      '--max-concurrent-streams',
    ];
    const { stdout } = await run('h2load', [...words, '100', url('/')]);
    expect(stdout).toContain(`${STREAMS_PER_CONNECTION_MAX} succeeded, 0 failed, 0 errored, 0 timeout`);
    expect(stdout).toContain(`${STREAMS_PER_CONNECTION_MAX} 2xx`);
  });

  it('clients that leave in the middle leave nothing behind', async () => {
    const before = await server.report();
    for (let round = 0; round < 20; round++) {
      const words = ['--silent', '--insecure', '--http2', '--limit-rate', '1M', url('/large.bin')];
      const leaving = spawn('curl', words, { stdio: ['ignore', 'pipe', 'ignore'] });
      await once(leaving.stdout, 'data');
      const left = once(leaving, 'exit');
      leaving.kill('SIGKILL');
      await left;
    }
    expect((await ask2(server.httpsPort, { path: '/' })).body).toBe('home');
    const isEmpty = async (): Promise<boolean> =>
      (await server.report()).status['Open']?.startsWith('0 of') === true;
    await eventually('all connections closed', isEmpty);
    expect((await server.report()).rssMiB - before.rssMiB).toBeLessThan(60);
  });

  it('a download that runs when the service stops comes whole', async () => {
    await using stopped = await startWebServer(FILES);
    const path = `https://127.0.0.1:${stopped.httpsPort}/large.bin`;
    const words = ['--silent', '--insecure', '--http2', '--limit-rate', '4M', path];
    const download = spawn('curl', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const hash = createHash('sha256');
    download.stdout.on('data', chunk => hash.update(chunk as Uint8Array));
    const ended = once(download, 'close');
    await once(download.stdout, 'data');
    expect(await stopped.stop()).toBeLessThan(5_000);
    expect((await ended)[0]).toBe(0);
    expect(hash.digest('hex')).toBe(sha256(LARGE));
  });
});
