import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { askHttp2, converse, httpBackend, startProxyWorld } from './world.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const HANDSHAKE = [
  'GET /chat HTTP/1.1',
  'Host: photos.example.org',
  'Connection: keep-alive, Upgrade',
  'Upgrade: websocket',
  `Sec-WebSocket-Key: ${KEY}`,
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: chat',
  '',
  '',
].join('\r\n');

/** Agrees to WebSocket as RFC 6455 §4.2.2 says and sends back whatever comes; `/decline` gets an ordinary answer. */
function echoBackend(seen: { fields: Record<string, unknown>[]; sockets: Socket[] }) {
  const server = httpBackend((_message, response) => void response.writeHead(403).end('no'));
  server.on('upgrade', (message: IncomingMessage, socket: Socket) => {
    seen.fields.push(message.headers);
    seen.sockets.push(socket);
    socket.on('error', () => undefined);
    if (message.url === '/decline') {
      socket.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 4\r\n\r\nno13');
      return;
    }
    const accept = createHash('sha1')
      .update(`${message.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: chat\r\nSec-WebSocket-Accept: ${message.url === '/wrong' ? 'x' : accept}\r\n\r\nwelcome`,
    );
    socket.pipe(socket);
  });
  return server;
}

const newSeen = (): { fields: Record<string, unknown>[]; sockets: Socket[] } => ({ fields: [], sockets: [] });

/** Reads until `text` has come. */
async function readUntil(stream: Socket | ClientHttp2Stream, text: string): Promise<string> {
  let read = '';
  while (!read.includes(text)) {
    const [chunk] = (await once(stream, 'data')) as [Uint8Array];
    read += Buffer.from(chunk).toString('latin1');
  }
  return read;
}

function openChat(session: ClientHttp2Session, path = '/chat'): ClientHttp2Stream {
  return session.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': path,
      ':authority': 'photos.example.org',
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'chat',
    },
    { endStream: false },
  );
}

/** The same over HTTP/1.1; resolves when the backend has greeted. */
async function openChat1(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write(HANDSHAKE);
  await readUntil(socket, 'welcome');
  return socket;
}

describe('WebSocket over HTTP/1.1', () => {
  it('passes both ways, what came early too, and ends on both sides', async () => {
    const seen = newSeen();
    await using world = await startProxyWorld(echoBackend(seen));
    const socket = connect(world.http1Port, '127.0.0.1');
    socket.write(`${HANDSHAKE}early`);
    const head = await readUntil(socket, 'early');
    expect(head).toMatch(
      /^HTTP\/1\.1 101 [\s\S]*upgrade: websocket[\s\S]*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=[\s\S]*welcomeearly$/i,
    );
    expect(seen.fields[0]).toMatchObject({
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': KEY,
      'sec-websocket-protocol': 'chat',
      'x-forwarded-for': '127.0.0.1',
    });
    expect(world.backend.status().tunnels).toBe(1);
    socket.write('more');
    expect(await readUntil(socket, 'more')).toBe('more');
    const backendClosed = once(seen.sockets[0] as Socket, 'close');
    socket.destroy();
    await backendClosed;
    await expect.poll(() => world.backend.status().tunnels).toBe(0);
  });

  it('ends in front when it ends behind', async () => {
    const seen = newSeen();
    await using world = await startProxyWorld(echoBackend(seen));
    const socket = await openChat1(world.http1Port);
    const closed = once(socket, 'close');
    seen.sockets[0]?.end();
    await closed;
  });

  it.each([
    ['declines', HANDSHAKE.replace('/chat', '/decline'), /^HTTP\/1\.1 426 [\s\S]*no13$/],
    ['proves nothing', HANDSHAKE.replace('/chat', '/wrong'), /^HTTP\/1\.1 502/],
    ['is not asked, as the key is none', HANDSHAKE.replace(KEY, 'short'), /^HTTP\/1\.1 400/],
    [
      'is asked for another protocol',
      HANDSHAKE.replace('websocket', 'h2c').replace('keep-alive', 'close'),
      /^HTTP\/1\.1 403 [\s\S]*no\r\n/,
    ],
    [
      'is asked by POST',
      HANDSHAKE.replace('GET', 'POST').replace('keep-alive', 'close'),
      /^HTTP\/1\.1 403 [\s\S]*no\r\n/,
    ],
  ])('where the backend %s there is no tunnel', async (_name, bytes, expected) => {
    const seen = newSeen();
    await using world = await startProxyWorld(echoBackend(seen));
    expect(await converse(world.http1Port, bytes)).toMatch(expected);
    expect(world.backend.status().tunnels).toBe(0);
  });

  it('a backend that is down is 502', async () => {
    await using world = await startProxyWorld(echoBackend(newSeen()));
    await world.stopBackend();
    expect(await converse(world.http1Port, HANDSHAKE)).toMatch(/^HTTP\/1\.1 502/);
  });

  it('is cut when the backend is closed for good', async () => {
    const seen = newSeen();
    await using world = await startProxyWorld(echoBackend(seen));
    const socket = await openChat1(world.http1Port);
    const closed = once(socket, 'close');
    world.backend[Symbol.dispose]();
    await closed;
  });
});

describe('WebSocket over HTTP/2 (RFC 8441)', () => {
  it('becomes one over HTTP/1.1 behind, with a key of our own', async () => {
    const seen = newSeen();
    await using world = await startProxyWorld(echoBackend(seen));
    const session = world.session();
    const stream = openChat(session);
    const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(head).toMatchObject({ ':status': 200, 'sec-websocket-protocol': 'chat' });
    expect(head['sec-websocket-accept']).toBeUndefined();
    expect(await readUntil(stream, 'welcome')).toBe('welcome');
    stream.write('hello');
    expect(await readUntil(stream, 'hello')).toBe('hello');
    expect(seen.fields[0]?.['sec-websocket-key']).toMatch(/^[0-9A-Za-z+/]{22}==$/);
    // Other requests of the session go on beside it.
    expect((await askHttp2(session, { ':method': 'GET', ':path': '/' })).status).toBe(403);
    const backendClosed = once(seen.sockets[0] as Socket, 'close');
    stream.close();
    await backendClosed;
  });

  it('passes on an ordinary answer, and stops at one that proves nothing', async () => {
    await using world = await startProxyWorld(echoBackend(newSeen()));
    for (const [path, status] of [
      ['/decline', 426],
      ['/wrong', 502],
    ] as const) {
      const stream = openChat(world.session(), path);
      const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
      expect(head[':status']).toBe(status);
      stream.close();
    }
  });

  it('CONNECT without a protocol is refused', async () => {
    await using world = await startProxyWorld(echoBackend(newSeen()));
    const stream = world
      .session()
      .request({ ':method': 'CONNECT', ':authority': 'a:443' }, { endStream: false });
    const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(head[':status']).toBe(501);
    stream.close();
  });
});
