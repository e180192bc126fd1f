import { execFile } from 'node:child_process';
import { connect as tlsConnect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../shared/base/bytes.ts';
import { encodeClientHello } from '../../shared/protocols/tls/encode-client-hello.ts';
import { ask1, ask2, converse, open } from './client.ts';
import { Crowd, reportAfter } from './crowd.ts';
import { startWebServer, type WebServer } from './server.ts';

const run = promisify(execFile);
const FILES = { 'index.html': 'home' };
const NAMES = ['one.example', 'www.one.example'];

const PATIENT = { timeout: 10_000 };

/** Options of `openssl s_client` that offer one cipher of TLS 1.2. */
function only(cipher: string): readonly string[] {
  return ['-tls1_2', '-cipher', cipher, '-servername', 'one.example'];
}

/** The engine decides alike in its worker, and hands over what is not its own. */
describe.each(['direct', 'node'])('the HTTPS port, engine %s', engine => {
  let server: WebServer;
  beforeAll(async () => {
    server = await startWebServer(FILES, { names: NAMES, engine });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** What curl prints: status, version of HTTP and body. It fails on TLS faults. */
  async function curl(...options: string[]): Promise<string> {
    const to = `one.example:${server.httpsPort}`;
    const { stdout } = await run('curl', [
      '--silent',
      '--insecure',
      '--resolve',
      `${to}:127.0.0.1`,
      '--write-out',
      ' %{http_code} %{http_version}',
      ...options,
      `https://${to}/`,
    ]);
    return stdout;
  }

  /** Everything that `openssl s_client` says, whether the handshake works or not. */
  async function openssl(...options: string[]): Promise<string> {
    const connect = ['s_client', '-connect', `127.0.0.1:${server.httpsPort}`];
    const child = run('openssl', [...connect, ...options]);
    child.child.stdin?.end();
    const { stdout, stderr } = await child.catch((error: { stdout: string; stderr: string }) => error);
    return stdout + stderr;
  }

  describe('peers of other makers', () => {
    it.each([
      ['HTTP/2', '--http2', 'home 200 2'],
      ['HTTP/1.1', '--http1.1', 'home 200 1.1'],
      ['HTTP/1.1 without ALPN', '--no-alpn', 'home 200 1.1'],
      ['TLS 1.2', '--tls-max=1.2', 'home 200 2'],
    ])('curl: %s', async (_what, option, expected) => {
      expect(await curl(...option.split('='))).toBe(expected);
    });

    it.each([
      ['h2 before http/1.1', ['-alpn', 'http/1.1,h2', '-servername', 'one.example'], /ALPN protocol: h2/],
      ['the other name', ['-servername', 'www.one.example'], /subject=CN = one\.example/],
      ['a name in capitals', ['-servername', 'ONE.example'], /subject=CN = one\.example/],
      ['no name', ['-noservername'], /subject=CN = one\.example/],
      ['an unknown name', ['-servername', 'elsewhere.example'], /unrecognized name|alert number 112/],
      ['no protocol in common', ['-alpn', 'imap', '-servername', 'one.example'], /alert number 120/],
      [
        'a validation when none is going on',
        ['-alpn', 'acme-tls/1', '-servername', 'one.example'],
        /unrecognized name|alert number 112/,
      ],
      ['TLS 1.1', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], /alert number 70/],
      [
        'a cipher of yesterday',
        ['-alpn', 'http/1.1', ...only('ECDHE-ECDSA-AES128-SHA256')],
        /alert number 40/,
      ],
      [
        'a good cipher',
        ['-alpn', 'http/1.1', ...only('ECDHE-ECDSA-CHACHA20-POLY1305')],
        /Cipher is ECDHE-EC/,
      ],
      ['a curve that nobody needs', ['-alpn', 'http/1.1', '-groups', 'P-521'], /alert number 40/],
    ])('openssl: %s', async (_what, options, expected) => {
      expect(await openssl(...options)).toMatch(expected);
    });
  });

  // RFC 8446 §4.6.3: the answer to such a request is a record that nobody here has asked for.
  it('openssl: new keys asked for, beside other visitors', async () => {
    const to = ['s_client', '-connect', `127.0.0.1:${server.httpsPort}`, '-servername', 'one.example'];
    const child = run('openssl', [...to, '-alpn', 'http/1.1', '-msg']);
    const { stdin, stdout } = child.child;
    let said = '';
    stdout?.on('data', (chunk: string) => (said += chunk));
    const updates = (direction: '>>>' | '<<<'): number =>
      said.match(new RegExp(`${direction} TLS 1.3, Handshake .*KeyUpdate`, 'g'))?.length ?? 0;
    await expect.poll(() => said, PATIENT).toContain('ALPN protocol: http/1.1');
    for (let asked = 1; asked <= 3; asked++) {
      stdin?.write('K\n');
      await expect.poll(() => updates('>>>'), PATIENT).toBe(asked);
      expect(await curl()).toBe('home 200 2');
    }
    // Its answers come with whatever is read next.
    stdin?.write('GET / HTTP/1.1\r\nHost: one.example\r\nConnection: close\r\n\r\n');
    await expect.poll(() => said, PATIENT).toMatch(/HTTP\/1\.1 200 OK[^]*home/);
    expect(updates('<<<')).toBe(3);
    stdin?.end();
    await child;
  });

  describe('what is no TLS', () => {
    it('HTTP at the port of HTTPS is sent to HTTPS', async () => {
      const reply = await ask1(
        server.httpsPort,
        { path: '/a?b', headers: { host: `one.example:${server.httpsPort}` } },
        false,
      );
      expect([reply.status, reply.headers['location']]).toEqual([
        308,
        `https://one.example:${server.httpsPort}/a?b`,
      ]);
    });

    it.each([
      ['SSH', encodeUtf8('SSH-2.0-OpenSSH_9.2\r\n')],
      ['zeros', new Uint8Array(100)],
      ['OpenVPN, which nobody serves here', Uint8Array.of(0, 14, 56, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0)],
    ])('%s is closed without a word', async (_what, bytes) => {
      expect(await converse(await open(server.httpsPort), bytes)).toBe('');
    });

    it('a broken ClientHello is told so', async () => {
      const answer = await converse(await open(server.httpsPort), Uint8Array.of(22, 3, 1, 0, 0));
      expect(Buffer.from(answer, 'latin1')).toEqual(Buffer.of(21, 3, 3, 0, 2, 2, 50));
    });
  });

  describe('a ClientHello that dribbles in', () => {
    it('is served, byte by byte, as long as it is in time', async () => {
      const hello = encodeClientHello({ serverName: 'elsewhere.example', alpnProtocols: ['h2'] });
      const socket = await open(server.httpsPort);
      socket.setNoDelay(true);
      for (const byte of hello.subarray(0, -1)) {
        socket.write(Uint8Array.of(byte));
        await new Promise(resolve => setImmediate(resolve));
      }
      const answer = await converse(socket, hello.slice(-1));
      expect(Buffer.from(answer, 'latin1')).toEqual(Buffer.of(21, 3, 3, 0, 2, 2, 112));
    });

    it('for ten seconds is closed, though a byte comes every second; others are served', async () => {
      const hello = encodeClientHello({ serverName: 'one.example', alpnProtocols: ['h2'] });
      const slow = await Promise.all(Array.from({ length: 50 }, () => open(server.httpsPort)));
      using crowd = new Crowd();
      slow.forEach(socket => crowd.keep(socket));
      const begun = performance.now();
      const closed = Promise.all(
        slow.map(
          socket =>
            new Promise<void>(resolve => {
              socket.resume().once('close', () => resolve());
            }),
        ),
      );
      let sent = 0;
      const dribble = setInterval(() => {
        for (const socket of slow) if (socket.writable) socket.write(hello.slice(sent, sent + 1));
        sent++;
      }, 1_000);
      const ask = { path: '/', headers: { ':authority': 'one.example' } };
      try {
        expect((await ask2(server.httpsPort, ask)).body).toBe('home');
        await closed;
      } finally {
        clearInterval(dribble);
      }
      expect(performance.now() - begun).toBeGreaterThan(9_000);
      expect(performance.now() - begun).toBeLessThan(13_000);
    });
  });

  describe('10,000 who open a connection and say nothing, or half a ClientHello', () => {
    it('leave the others served, though there are places for all of them', async () => {
      await using crowded = await startWebServer(FILES, { 'connections-max': 20_000, engine });
      const half = encodeClientHello({ serverName: 'one.example', alpnProtocols: ['h2'] }).slice(0, 40);
      using crowd = new Crowd();
      await crowd.park(crowded.httpsPort, 10_000, half);
      const begun = performance.now();
      for (let index = 0; index < 5; index++) {
        expect((await ask1(crowded.httpsPort, { path: '/' })).body).toBe('home');
        expect((await ask2(crowded.httpsPort, { path: '/' })).body).toBe('home');
      }
      const tookMs = performance.now() - begun;
      const { closed, rssMiB } = await reportAfter(crowded, 10_010);
      console.log(
        `10,000 openers: 10 requests in ${Math.round(tookMs)} ms; ${closed}; ${Math.round(rssMiB)} MiB`,
      );
      expect(closed).toMatch(/ 0 to make room, 0 refused$/);
      expect(tookMs).toBeLessThan(5_000);
      expect(crowded.alive()).toBe(true);
    });
  });

  it('changed ClientHellos of any kind end no process', async () => {
    const hello = encodeClientHello({ serverName: 'one.example', alpnProtocols: ['http/1.1'] });
    const sent = Array.from({ length: 300 }, async (_, round) => {
      const bytes = Buffer.from(hello);
      // A walk over positions and values that is the same in every run.
      for (let change = 0; change < 3; change++)
        bytes[(round * 31 + change * 17) % bytes.length] = (round * 7 + change) & 255;
      const socket = await open(server.httpsPort, undefined, `127.0.2.${1 + (round % 10)}`);
      socket.on('error', () => undefined);
      const closed = new Promise<void>(resolve => void socket.once('close', () => resolve()));
      socket.end(bytes);
      socket.resume();
      await closed;
    });
    await Promise.all(sent);
    const reply = await ask1(server.httpsPort, { path: '/', headers: { host: 'one.example' } });
    expect(reply.status).toBe(200);
    expect(server.alive()).toBe(true);
  });

  it('a client without a name gets the first certificate over a raw socket, too', async () => {
    const socket = tlsConnect({ host: '127.0.0.1', port: server.httpsPort, rejectUnauthorized: false });
    const certificate = await new Promise<string>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('secureConnect', () => resolve(String(socket.getPeerCertificate().subject.CN)));
    });
    socket.destroy();
    expect(certificate).toBe('one.example');
  });
});
