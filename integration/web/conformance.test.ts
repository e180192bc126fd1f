import { X509Certificate } from 'node:crypto';
import { connect as http2Connect } from 'node:http2';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask1, ask2, askOn, converse, open, type Ask, type Reply } from './client.ts';
import { startWebServer, type WebServer } from './server.ts';

const TEN = '0123456789';
const LARGE = Buffer.alloc(3_000_000, 'large file ');
const PAGE = '<p>A page that repeats itself, as pages do.'.repeat(100);
const LINK = '</style.css>; rel=preload; as=style';
const FILES = {
  'page.html': PAGE,
  _headers: `/page\n  Link: ${LINK}\n  Set-Cookie: a=1\n  Set-Cookie: b=2\n  Cache-Control: max-age=60\n`,
  _redirects: '/old/* /docs/:splat 302\n/app/* /page.html 200\n',
  'index.html': '<h1>home</h1>',
  'ten.txt': TEN,
  'empty.txt': '',
  'large.bin': LARGE,
  'docs/index.html': 'docs',
  '404.html': 'lost',
  '.git/config': 'secret',
  '.well-known/security.txt': 'contact',
};

let server: WebServer;
beforeAll(async () => {
  server = await startWebServer(FILES);
});
afterAll(() => server[Symbol.asyncDispose]());

const versions: [string, (ask: Ask) => Promise<Reply>][] = [
  ['HTTP/1.1', ask => ask1(server.httpsPort, ask)],
  ['HTTP/2', ask => ask2(server.httpsPort, ask)],
];

describe.each(versions)('%s over TLS', (_version, ask) => {
  it.each([
    ['GET', '/', 200, '<h1>home</h1>'],
    ['HEAD', '/', 200, ''],
    ['GET', '/docs/', 200, 'docs'],
    ['GET', '/docs', 308, ''],
    ['GET', '/empty.txt', 200, ''],
    ['HEAD', '/empty.txt', 200, ''],
    ['GET', '/nothing', 404, 'lost'],
    ['HEAD', '/nothing', 404, ''],
    ['GET', '/.git/config', 404, 'lost'],
    ['GET', '/%2e%2e/%2e%2e/etc/passwd', 404, 'lost'],
    ['GET', '/%00', 400, '400 Bad Request\n'],
    ['GET', '/.well-known/security.txt', 200, 'contact'],
    ['OPTIONS', '/', 204, ''],
    ['DELETE', '/', 405, '405 Method Not Allowed\n'],
    ['HEAD', '/%00', 400, ''],
  ])('%s %s gives %i', async (method, path, status, body) => {
    const reply = await ask({ method, path });
    expect(reply.status).toBe(status);
    expect(reply.body).toBe(body);
    expect(reply.headers['date']).toBeDefined();
  });

  it('sends a large file whole', async () => {
    const reply = await ask({ path: '/large.bin' });
    expect(reply.body.length).toBe(LARGE.length);
    expect(reply.body).toBe(LARGE.toString('latin1'));
  });

  it('sends one range, several, and none', async () => {
    const one = await ask({ path: '/ten.txt', headers: { range: 'bytes=-3' } });
    expect([one.status, one.body, one.headers['content-range']]).toEqual([206, '789', 'bytes 7-9/10']);
    const several = await ask({ path: '/ten.txt', headers: { range: 'bytes=0-0,-1' } });
    expect(several.status).toBe(206);
    expect(several.headers['content-type']).toMatch(/^multipart\/byteranges; boundary=/);
    expect(several.body.length).toBe(Number(several.headers['content-length']));
    const none = await ask({ path: '/ten.txt', headers: { range: 'bytes=10-' } });
    expect([none.status, none.headers['content-range']]).toEqual([416, 'bytes */10']);
  });

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
    ['zstd', zstdDecompressSync],
  ])('sends text in %s, with a tag of its own', async (coding, decode) => {
    const headers = { 'accept-encoding': coding };
    const reply = await ask({ path: '/page', headers });
    expect([reply.headers['content-encoding'], reply.headers['vary']]).toEqual([coding, 'accept-encoding']);
    expect(decode(Buffer.from(reply.body, 'latin1')).toString()).toBe(PAGE);
    const head = await ask({ method: 'HEAD', path: '/page', headers });
    expect([head.body, head.headers['content-length']]).toEqual(['', String(reply.body.length)]);
    const tag = String(reply.headers['etag']);
    const again = await ask({ path: '/page', headers: { ...headers, 'if-none-match': tag } });
    expect([again.status, again.headers['vary']]).toEqual([304, 'accept-encoding']);
    expect((await ask({ path: '/page', headers: { 'if-none-match': tag } })).status).toBe(200);
  });

  it('keeps the rules of _headers and _redirects', async () => {
    const page = await ask({ path: '/page' });
    expect(page.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect([page.headers['cache-control'], page.headers['link']]).toEqual(['max-age=60', LINK]);
    const moved = await ask({ path: '/old/x?y=1' });
    expect([moved.status, moved.headers['location']]).toEqual([302, '/docs/x?y=1']);
    expect((await ask({ path: '/app/any/where' })).body).toBe(PAGE);
    expect((await ask({ path: '/_redirects' })).status).toBe(404);
  });

  it('answers 304 to the tag it gave, 412 to another', async () => {
    const tag = String((await ask({ path: '/ten.txt' })).headers['etag']);
    const fresh = await ask({ path: '/ten.txt', headers: { 'if-none-match': `"x", ${tag}` } });
    expect([fresh.status, fresh.body, fresh.headers['etag']]).toEqual([304, '', tag]);
    expect((await ask({ path: '/ten.txt', headers: { 'if-match': '"x"' } })).status).toBe(412);
  });
});

describe('early hints', () => {
  const navigation = 'sec-fetch-mode: navigate';

  it('go before the page over HTTP/2', async () => {
    const session = http2Connect(`https://127.0.0.1:${server.httpsPort}`, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/page', 'sec-fetch-mode': 'navigate' });
    stream.resume();
    const hinted = once(stream, 'headers');
    const answered = once(stream, 'response');
    expect((await hinted)[0]).toMatchObject({ ':status': 103, link: LINK });
    expect((await answered)[0]).toMatchObject({ ':status': 200, link: LINK });
    session.close();
  });

  it('go before the page over HTTP/1.1, to who opens it in a browser', async () => {
    const asking = async (more: string): Promise<string> => {
      const socket = await open(server.httpsPort, 'http/1.1');
      return await converse(socket, `GET /page HTTP/1.1\r\nHost: a\r\n${more}Connection: close\r\n\r\n`);
    };
    expect(await asking(`${navigation}\r\n`)).toMatch(
      /^HTTP\/1\.1 103 [^]*?link: [^]*?\r\n\r\nHTTP\/1\.1 200/i,
    );
    expect(await asking('')).toMatch(/^HTTP\/1\.1 200/);
  });
});

describe('HTTP/2', () => {
  it('serves a hundred requests on one connection', async () => {
    const session = http2Connect(`https://127.0.0.1:${server.httpsPort}`, { rejectUnauthorized: false });
    const asks = Array.from({ length: 100 }, (_, index) => ({
      method: index % 3 === 0 ? 'HEAD' : 'GET',
      path: ['/', '/ten.txt', '/nothing', '/large.bin'][index % 4] ?? '/',
    }));
    const replies = await Promise.all(asks.map(ask => askOn(session, ask)));
    session.close();
    expect(new Set(replies.map(reply => reply.status))).toEqual(new Set([200, 404]));
  });

  it('answers a request with content and tells the client to stop', async () => {
    const session = http2Connect(`https://127.0.0.1:${server.httpsPort}`, { rejectUnauthorized: false });
    const stream = session.request({ ':method': 'POST', ':path': '/' });
    stream.on('error', () => undefined);
    stream.resume();
    stream.write(Buffer.alloc(200_000));
    const [headers] = (await once(stream, 'response')) as [Record<string, number>];
    expect(headers[':status']).toBe(405);
    await once(stream, 'close');
    expect(stream.rstCode).toBe(0);
    session.close();
  });
});

describe('HTTP/1.1', () => {
  it('answers pipelined requests in order and keeps the connection', async () => {
    const socket = await open(server.httpsPort, 'http/1.1');
    const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
    const text = await converse(socket, get('/ten.txt') + get('/docs/') + get('/', 'Connection: close\r\n'));
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
    expect(text.indexOf(TEN)).toBeLessThan(text.indexOf('docs'));
    expect(text.indexOf('docs')).toBeLessThan(text.indexOf('home'));
  });

  it('a request without ALPN is HTTP/1.1', async () => {
    const socket: TLSSocket = tlsConnect({
      host: '127.0.0.1',
      port: server.httpsPort,
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    expect(await converse(socket, 'GET / HTTP/1.0\r\n\r\n')).toContain('<h1>home</h1>');
  });

  it.each([
    [
      'POST with short content is refused and the next request answered',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /ten.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /405[\s\S]*200 OK[\s\S]*0123456789$/,
    ],
    [
      'Expect: 100-continue is answered at once',
      'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
      /^HTTP\/1\.1 405[\s\S]*connection: close/i,
    ],
    [
      'another expectation fails',
      'GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 417/,
    ],
    [
      'an upgrade is not taken',
      'GET /ten.txt HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n',
      /^HTTP\/1\.1 200[\s\S]*0123456789$/,
    ],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'the absolute form',
      'GET https://a/ten.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 200[\s\S]*0123456789$/,
    ],
    [
      'length and chunks together',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'a head that is too large',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431/,
    ],
    ['nonsense', 'hello\r\n\r\n', /^HTTP\/1\.1 400/],
  ])('%s', async (_name, bytes, expected) => {
    const socket = await open(server.httpsPort, 'http/1.1');
    expect(await converse(socket, bytes)).toMatch(expected);
  });
});

describe('plain HTTP', () => {
  it('sends visitors to HTTPS with their path', async () => {
    const reply = await ask1(
      server.httpPort,
      { path: '/docs/?a=b', headers: { host: 'example.org' } },
      false,
    );
    expect(reply.status).toBe(308);
    expect(reply.headers['location']).toBe(`https://example.org:${server.httpsPort}/docs/?a=b`);
  });

  it('refuses a host that is none', async () => {
    expect((await ask1(server.httpPort, { path: '/', headers: { host: '<b>' } }, false)).status).toBe(400);
  });
});

describe('the certificate', () => {
  async function certificateOf(port: number): Promise<X509Certificate> {
    const socket = tlsConnect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = new X509Certificate(socket.getPeerCertificate().raw);
    socket.destroy();
    return certificate;
  }

  it('stands for the configured names', async () => {
    await using named = await startWebServer(FILES, { names: ['example.org', 'www.example.org'] });
    const certificate = await certificateOf(named.httpsPort);
    expect(certificate.checkHost('www.example.org')).toBe('www.example.org');
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
  });
});

describe('starting and stopping', () => {
  it.each([
    ['an empty folder', {}, {}, /site is not there/],
    ['no index', { 'a.html': 'a' }, {}, /site has no index.html: put the start page there/],
    [
      'too much',
      { 'index.html': Buffer.alloc(2_000_000) },
      { 'content-max-mib': 1 },
      /has 2 MiB.*content-max-mib allows 1 MiB/,
    ],
  ])('refuses %s with a reason', async (_name, files, configuration, message) => {
    await expect(startWebServer(files, configuration)).rejects.toThrow(message);
  });

  it('refuses a port that is taken, naming it, and leaves the other free', async () => {
    await expect(startWebServer(FILES, { 'http-port': server.httpPort })).rejects.toThrow(
      String(server.httpPort),
    );
  });

  it('lets a running download end and closes idle connections at once', async () => {
    await using stopped = await startWebServer(FILES);
    const idle = await open(stopped.httpsPort, 'http/1.1');
    const idleClosed = once(idle, 'close');
    const session = http2Connect(`https://127.0.0.1:${stopped.httpsPort}`, { rejectUnauthorized: false });
    const download = session.request({ ':path': '/large.bin' });
    // It has begun and cannot end, since nobody reads beyond the window.
    await once(download, 'response');
    const stopping = stopped.stop();
    await idleClosed;
    let length = 0;
    for await (const chunk of download) length += (chunk as Uint8Array).length;
    expect(length).toBe(LARGE.length);
    const took = await stopping;
    expect(took).toBeLessThan(5_000);
  });
});
