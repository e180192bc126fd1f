import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as http2Connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask1, askOn, converse } from './client.ts';
import { startWebServer, type WebServer } from './server.ts';

const HOST = 'photos.test';

/** The backend tells what it heard; `/socket` agrees to any WebSocket. */
const backend = createServer((message, response) => {
  const { host, 'x-forwarded-proto': proto, 'x-forwarded-for': client } = message.headers;
  response.end([message.method, host, message.url, proto, client].join(' '));
});
backend.on('upgrade', (message, socket) => {
  // The accept value of RFC 6455 §1.3 for its key.
  socket.end(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n${String(message.headers['x-forwarded-for'])}`,
  );
});

let server: WebServer;
beforeAll(async () => {
  await new Promise<void>(resolve => void backend.listen(0, '127.0.0.1', resolve));
  const { port } = backend.address() as AddressInfo;
  server = await startWebServer(
    { 'index.html': 'own page' },
    { sites: [{ names: [HOST, 'alias.test'], backend: `http://127.0.0.1:${port}` }] },
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  backend.closeAllConnections();
  backend.close();
});

describe('a name that goes to a backend', () => {
  it('over HTTP/1.1', async () => {
    const reply = await ask1(server.httpsPort, { path: '/a?b', headers: { host: HOST } });
    expect([reply.status, reply.body]).toEqual([200, `GET ${HOST} /a?b https 127.0.0.1`]);
  });

  it('over HTTP/2, beside our own site on one connection', async () => {
    const options = { rejectUnauthorized: false, servername: HOST };
    const session = http2Connect(`https://127.0.0.1:${server.httpsPort}`, options);
    const ask = (authority: string) => askOn(session, { path: '/', headers: { ':authority': authority } });
    const replies = await Promise.all([ask(HOST), ask('127.0.0.1'), ask(`${HOST}:8443`)]);
    session.close();
    expect(replies.map(({ body }) => body)).toEqual([
      `GET ${HOST} / https 127.0.0.1`,
      'own page',
      `GET ${HOST}:8443 / https 127.0.0.1`,
    ]);
  });

  it('not on a connection that was opened for our own site (RFC 9110 §15.5.20)', async () => {
    const session = http2Connect(`https://127.0.0.1:${server.httpsPort}`, { rejectUnauthorized: false });
    const ask = (authority: string) => askOn(session, { path: '/', headers: { ':authority': authority } });
    const replies = await Promise.all([ask(HOST), ask('127.0.0.1')]);
    session.close();
    expect(replies.map(({ status, body }) => [status, body])).toEqual([
      [421, '421 Misdirected Request\n'],
      [200, 'own page'],
    ]);
  });

  it('sends visitors of its other names to the first', async () => {
    const reply = await ask1(server.httpsPort, { path: '/a', headers: { host: 'alias.test' } });
    expect([reply.status, reply.headers['location']]).toEqual([308, `https://${HOST}:${server.httpsPort}/a`]);
  });

  it.each([
    ['passes', HOST, /^HTTP\/1\.1 101 [\s\S]*127\.0\.0\.1$/],
    ['does not pass for our own site', '127.0.0.1', /^HTTP\/1\.1 200 [\s\S]*own page$/],
  ])('a WebSocket %s', async (_what, host, expected) => {
    const where = { host: '127.0.0.1', port: server.httpsPort, rejectUnauthorized: false };
    const socket = tlsConnect({
      ...where,
      servername: host === HOST ? HOST : '',
      ALPNProtocols: ['http/1.1'],
    });
    await once(socket, 'secureConnect');
    const text = await converse(
      socket,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: ${host === HOST ? 'Upgrade' : 'Upgrade, close'}\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    expect(text).toMatch(expected);
  });

  it('is counted and logged as its own site', async () => {
    await ask1(server.httpsPort, { path: '/counted', headers: { host: HOST } });
    const { status } = await server.report();
    expect(status[HOST]).toMatch(/^\d+, 0 of them failed/);
  });
});
