import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask1, ask2, converse, open } from './client.ts';
import {
  CONTINUATION,
  DATA,
  HEADERS,
  RST_STREAM,
  END_HEADERS,
  END_STREAM,
  frame,
  getRoot,
  GET_ROOT,
  many,
  NO_WINDOW,
  PREFACE,
  SETTINGS,
} from './frames.ts';
import { startWebServer, type WebServer } from './server.ts';

let server: WebServer;
beforeAll(async () => {
  server = await startWebServer({ 'index.html': 'home', 'large.bin': Buffer.alloc(5_000_000) });
});
afterAll(() => server[Symbol.asyncDispose]());

/** After whatever was done to it, the process lives and other clients are served. */
afterEach(async () => {
  expect(server.alive()).toBe(true);
  const replies = [await ask1(server.httpsPort, { path: '/' }), await ask2(server.httpsPort, { path: '/' })];
  expect(replies.map(reply => [reply.status, reply.body])).toEqual([
    [200, 'home'],
    [200, 'home'],
  ]);
});

/** Sends bytes, reads and forgets what comes, and leaves when the server closes or has had `ms` to do its worst. */
async function provoke(socket: Socket, bytes: Uint8Array | string, ms = 40): Promise<void> {
  const left = new Promise<void>(resolve => socket.once('close', () => resolve()));
  socket.resume();
  socket.end(bytes);
  const timer = setTimeout(() => socket.destroy(), ms);
  await left;
  clearTimeout(timer);
}

describe('any bytes end neither the process nor service for others', () => {
  const pieces = fc.constantFrom(
    'GET / HTTP/1.1\r\n',
    'POST /a HTTP/1.1\r\n',
    'HEAD http://a/ HTTP/1.0\r\n',
    'Host: a\r\n',
    'Host:\r\n',
    '\r\n',
    '\n',
    '\0',
    'Content-Length: 5\r\n',
    'Content-Length: -1\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding: x\r\n',
    'Range: bytes=5-2\r\n',
    'Range: bytes=0-0,-1\r\n',
    'If-None-Match: "\r\n',
    'Expect: 100-continue\r\n',
    'Upgrade: websocket\r\n',
    'Connection: upgrade, close\r\n',
    'CONNECT a:443 HTTP/1.1\r\n',
    'OPTIONS * HTTP/1.1\r\n',
    'ffffffffffff\r\n',
    ' folded\r\n',
    'X: \u00ff\r\n',
  );
  const text = fc.array(pieces, { maxLength: 12 }).map(parts => Buffer.from(parts.join(''), 'latin1'));
  const noise = fc.uint8Array({ maxLength: 400 });
  const bytes = fc.oneof(
    noise,
    text,
    fc.tuple(text, noise).map(parts => Buffer.concat(parts)),
  );

  it.each<[string, () => Promise<Socket>]>([
    ['on the plain port', () => open(server.httpPort)],
    ['in place of a handshake', () => open(server.httpsPort)],
    ['as HTTP/1.1 inside TLS', () => open(server.httpsPort, 'http/1.1')],
  ])('%s', async (_where, connect) => {
    await fc.assert(
      fc.asyncProperty(bytes, async sent => {
        await provoke(await connect(), sent);
        expect(server.alive()).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('as HTTP/2 frames inside TLS', async () => {
    const streamId = fc.oneof(fc.constantFrom(0, 1, 3, 5), fc.nat(0xffff_ffff));
    const payload = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array(GET_ROOT)));
    const frames = fc.array(fc.tuple(fc.nat(12), fc.nat(255), streamId, payload), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(frames, fc.boolean(), async (list, greeted) => {
        const sent = list.map(([type, flags, id, content]) => frame(type, flags, id, content));
        const hello = greeted ? [PREFACE, SETTINGS] : [];
        await provoke(await open(server.httpsPort, 'h2'), Buffer.concat([...hello, ...sent]));
        expect(server.alive()).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

/** By HTTP/2 of our own, and by node's, which still serves backends. */
describe.each(['direct', 'node'])('floods over HTTP/2 end their own connection, engine %s', engine => {
  let flooded: WebServer;
  beforeAll(async () => {
    flooded = await startWebServer({ 'index.html': 'home' }, { engine });
  });
  afterAll(() => flooded[Symbol.asyncDispose]());
  afterEach(async () => {
    expect((await ask2(flooded.httpsPort, { path: '/' })).body).toBe('home');
  });

  async function closedBy(frames: readonly Buffer[]): Promise<void> {
    const socket = await open(flooded.httpsPort, 'h2');
    socket.on('error', () => undefined);
    await converse(socket, Buffer.concat([PREFACE, SETTINGS, ...frames]), 20_000);
  }
  const cancel = Buffer.from([0, 0, 0, 8]);

  it('rapid reset (CVE-2023-44487)', async () => {
    await closedBy(
      many(20_000, index =>
        Buffer.concat([
          frame(HEADERS, END_STREAM | END_HEADERS, index * 2 + 1, GET_ROOT),
          frame(RST_STREAM, 0, index * 2 + 1, cancel),
        ]),
      ),
    );
  });

  it('header blocks that never end (CVE-2024-27316)', async () => {
    await closedBy([
      frame(HEADERS, 0, 1, GET_ROOT),
      ...many(2_000, () => frame(CONTINUATION, 0, 1, Buffer.alloc(1_000, 0x82))),
    ]);
  });

  it('a header list beyond all bounds', async () => {
    const field = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0x81, 0x1f]), Buffer.alloc(4096, 0x61)]);
    await closedBy([
      frame(HEADERS, END_STREAM | END_HEADERS, 1, Buffer.concat([GET_ROOT, field, field, field])),
      ...many(20, index =>
        frame(
          HEADERS,
          END_STREAM | END_HEADERS,
          2 * index + 3,
          Buffer.concat([GET_ROOT, ...Array.from({ length: 3 }, () => field)]),
        ),
      ),
      frame(DATA, 0, 0),
    ]);
  });

  it('frames on a stream that is closed, again and again', async () => {
    await closedBy([
      frame(HEADERS, END_STREAM | END_HEADERS, 1, GET_ROOT),
      ...many(5_000, () => frame(DATA, 0, 1, Buffer.alloc(10))),
    ]);
  });
});

describe('a client that says much and reads nothing', () => {
  it('a thousand pipelined requests', async () => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => open(server.httpsPort, 'http/1.1')));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.pause();
      socket.write('GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_000));
    }
    expect((await ask2(server.httpsPort, { path: '/' })).status).toBe(200);
    const { rssMiB } = await server.report();
    for (const socket of sockets) socket.destroy();
    // 10,000 answers of 5 MB are 50 GB; a few chunks per connection are what may wait.
    expect(rssMiB).toBeLessThan(400);
  });

  it('a hundred streams with no window', async () => {
    const socket = await open(server.httpsPort, 'h2');
    socket.on('error', () => undefined);
    socket.write(Buffer.concat([PREFACE, NO_WINDOW, ...many(100, index => getRoot(index * 2 + 1))]));
    expect((await ask1(server.httpsPort, { path: '/' })).status).toBe(200);
    socket.destroy();
  });
});
