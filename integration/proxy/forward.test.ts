import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bodyOf, mirror, mirrored, type Mirrored } from './mirror.ts';
import { askHttp2, converse, httpBackend, rawBackend, startProxyWorld } from './world.ts';

describe('what the backend is told', () => {
  it('of an HTTP/1.1 request: where it came from, and nothing that the client says of that', async () => {
    await using world = await startProxyWorld(httpBackend(mirror));
    const text = await converse(
      world.http1Port,
      [
        'GET /a%20b?c=d HTTP/1.1',
        'Host: photos.example.org:8443',
        'X-Forwarded-For: 6.6.6.6',
        'x_forwarded_for: 6.6.6.6',
        'Forwarded: for=6.6.6.6',
        'X-Real-IP: 6.6.6.6',
        'Proxy: http://evil/',
        'Via: 1.1 cache',
        'Connection: close, X-Secret',
        'X-Secret: hop',
        'TE: trailers',
        'Keep-Alive: timeout=5',
        'Cookie: a=1',
        'X-Own: kept',
        '',
        '',
      ].join('\r\n'),
    );
    const { url, headers, raw } = mirrored(text);
    expect(url).toBe('/a%20b?c=d');
    expect(headers).toMatchObject({
      host: 'photos.example.org:8443',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'photos.example.org:8443',
      'x-forwarded-proto': 'http',
      forwarded: 'for=127.0.0.1;host="photos.example.org:8443";proto=http',
      'x-real-ip': '127.0.0.1',
      cookie: 'a=1',
      'x-own': 'kept',
      connection: 'keep-alive',
    });
    expect(headers['via']).toMatch(/^1\.1 cache, 1\.1 lares-[0-9a-f]{12}$/);
    expect(raw.join('\n')).not.toMatch(/6\.6\.6\.6|evil|x-secret|trailers|timeout=5/i);
  });

  it('of an HTTP/2 request', async () => {
    await using world = await startProxyWorld(httpBackend(mirror));
    const reply = await askHttp2(world.session(), {
      ':method': 'GET',
      ':path': '/x',
      'x-forwarded-proto': 'http',
    });
    const { headers, url } = JSON.parse(reply.body) as Mirrored;
    expect(url).toBe('/x');
    expect(headers).toMatchObject({
      host: 'photos.example.org',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '127.0.0.1',
    });
    expect(headers['via']).toMatch(/^2\.0 lares-/);
  });
});

describe('framing', () => {
  it.each([
    ['a length', 'Content-Length: 5\r\n\r\nhello', 'hello'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: t\r\n\r\n', 'hello'],
    ['none', '\r\n', ''],
    ['an empty length', 'Content-Length: 0\r\n\r\n', ''],
  ])('POST with %s reaches the backend with one length', async (_name, rest, content) => {
    await using world = await startProxyWorld(httpBackend(mirror));
    const text = await converse(
      world.http1Port,
      `POST /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${rest}`,
    );
    const seen = mirrored(text);
    expect(seen.content).toBe(content);
    expect(seen.headers['content-length']).toBe(String(content.length));
    expect(seen.headers['transfer-encoding']).toBeUndefined();
  });

  it('a GET with chunks is not left without framing', async () => {
    await using world = await startProxyWorld(httpBackend(mirror));
    const smuggled = 'GET /evil HTTP/1.1\r\nHost: a\r\n\r\n';
    const text = await converse(
      world.http1Port,
      `GET /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    );
    expect(mirrored(text)).toMatchObject({ url: '/p', content: smuggled });
  });

  it.each([
    ['both framings', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde'],
    ['a length that is none', 'Content-Length: +4\r\n\r\nabcd'],
    ['a coding before chunked that is hidden', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a folded coding', 'Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n'],
    ['space before the colon', 'Content-Length : 4\r\n\r\nabcd'],
    ['chunk sizes beyond all bounds', 'Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx'],
    ['a bare line feed', 'X: a\nContent-Length: 4\r\n\r\nabcd'],
  ])('%s never reaches the backend as two requests', async (_name, rest) => {
    const seen: string[] = [];
    await using world = await startProxyWorld(
      httpBackend((message, response) => {
        seen.push(message.url ?? '');
        message.resume().on('end', () => response.end());
      }),
    );
    await converse(world.http1Port, `POST /one HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${rest}`).catch(
      () => '',
    );
    await converse(world.http1Port, 'GET /two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(seen.filter(url => url !== '/one')).toEqual(['/two']);
  });

  it('HTTP/2 content that is longer than its length is refused and does not become a request', async () => {
    const seen: string[] = [];
    await using world = await startProxyWorld(
      httpBackend((message, response) => {
        seen.push(`${message.method} ${message.url}`);
        message.resume().on('end', () => response.end());
      }),
    );
    const session = world.session();
    const smuggled = 'helloGET /evil HTTP/1.1\r\nHost: a\r\n\r\n';
    const post = { ':method': 'POST', ':path': '/', 'content-length': '5' };
    await expect(askHttp2(session, post, smuggled)).rejects.toThrow(/closed with error/);
    const reply = await askHttp2(world.session(), { ':method': 'GET', ':path': '/after' });
    expect(reply.status).toBe(200);
    expect(seen.filter(each => each.includes('evil'))).toEqual([]);
  });

  it('an answer until the connection ends (HTTP/1.0) comes whole and its client keeps the connection', async () => {
    await using world = await startProxyWorld(
      rawBackend(socket =>
        socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it')),
      ),
    );
    const get = 'GET / HTTP/1.1\r\nHost: a\r\n';
    const text = await converse(world.http1Port, `${get}\r\n${get}Connection: close\r\n\r\n`);
    expect(text.match(/all of it/g)).toHaveLength(2);
    const reply = await askHttp2(world.session(), { ':method': 'GET', ':path': '/' });
    expect([reply.status, reply.body]).toEqual([200, 'all of it']);
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ])('%s and an answer without content end at the head', async (method, head) => {
    await using world = await startProxyWorld(
      rawBackend(socket => socket.on('data', () => socket.write(head))),
    );
    const text = await converse(
      world.http1Port,
      `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    expect(text.slice(0, 12)).toBe(head.slice(0, 12));
    expect(bodyOf(text)).toBe('');
    const reply = await askHttp2(world.session(), { ':method': method, ':path': '/' });
    expect([reply.status, reply.body]).toEqual([Number(head.slice(9, 12)), '']);
  });

  it('repeated fields stay apart and hop-by-hop ones go', async () => {
    await using world = await startProxyWorld(
      rawBackend(socket =>
        socket.once('data', () =>
          socket.end(
            'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nProxy-Connection: close\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-T: trailer\r\n\r\n',
          ),
        ),
      ),
    );
    const reply = await askHttp2(world.session(), { ':method': 'GET', ':path': '/' });
    expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(
      Object.keys(reply.headers).filter(name => /hop|proxy|trailer|transfer|connection/.test(name)),
    ).toEqual([]);
    expect(reply.body).toBe('x');
  });

  it('an answer that breaks off breaks off in front as well', async () => {
    await using world = await startProxyWorld(
      rawBackend(socket =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
          setTimeout(() => socket.destroy(), 50);
        }),
      ),
    );
    const text = await converse(world.http1Port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(bodyOf(text)).toBe('half');
    await expect(askHttp2(world.session(), { ':method': 'GET', ':path': '/' })).rejects.toThrow(
      'NGHTTP2_INTERNAL_ERROR',
    );
  });
});

describe('streaming', () => {
  it('a large upload over HTTP/2 and HTTP/1.1 comes whole', async () => {
    const received: number[] = [];
    await using world = await startProxyWorld(
      httpBackend((message, response) => {
        let bytes = 0;
        message.on('data', (chunk: Uint8Array) => (bytes += chunk.length));
        message.on('end', () => {
          received.push(bytes);
          response.end('thanks');
        });
      }),
    );
    const content = Buffer.alloc(5_000_000, 'u');
    const reply = await askHttp2(world.session(), { ':method': 'PUT', ':path': '/' }, content);
    expect(reply.body).toBe('thanks');
    const head = `PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${content.length}\r\n\r\n`;
    expect(await converse(world.http1Port, Buffer.concat([Buffer.from(head), content]))).toContain('thanks');
    expect(received).toEqual([content.length, content.length]);
  });

  it('a client that does not read holds the backend back, and memory stays', async () => {
    let written = 0;
    await using world = await startProxyWorld(
      httpBackend((_message, response) => {
        const chunk = Buffer.alloc(64 * 1024);
        const fill = (): void => {
          while (written < 500_000_000 && !response.destroyed) {
            written += chunk.length;
            if (!response.write(chunk)) {
              response.once('drain', fill);
              return;
            }
          }
        };
        fill();
      }),
    );
    const socket = connect(world.http1Port, '127.0.0.1');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const stream = world.session().request({ ':path': '/', ':authority': 'a' });
    stream.pause();
    await once(stream, 'response');
    let before = -1;
    while (before !== written) {
      before = written;
      await sleep(300);
    }
    expect(written).toBeGreaterThan(0);
    // Kernel buffers of four sockets on loopback, not the 500 MB.
    expect(written).toBeLessThan(50_000_000);
    socket.destroy();
    stream.close();
  });

  it('events pass at once, and a client that leaves ends the exchange behind', async () => {
    const left = Promise.withResolvers<void>();
    await using world = await startProxyWorld(
      httpBackend((message, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 1\n\n');
        message.socket.once('close', () => left.resolve());
      }),
    );
    const stream = world.session().request({ ':path': '/', ':authority': 'a' });
    const [chunk] = (await once(stream, 'data')) as [Uint8Array];
    expect(Buffer.from(chunk).toString()).toBe('data: 1\n\n');
    expect(world.backend.status().exchanges).toBe(1);
    stream.close();
    await left.promise;
    await expect.poll(() => world.backend.status().exchanges).toBe(0);
  });

  it('early hints come first', async () => {
    await using world = await startProxyWorld(
      httpBackend((_message, response) => {
        response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
        response.end('page');
      }),
    );
    const stream = world.session().request({ ':path': '/', ':authority': 'a' });
    const [hints] = (await once(stream, 'headers')) as [Record<string, unknown>];
    expect(hints).toMatchObject({ ':status': 103, link: '</a.css>; rel=preload; as=style' });
    expect(await converse(world.http1Port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 103 [\s\S]*preload[\s\S]*HTTP\/1\.1 200 OK[\s\S]*page/,
    );
    expect(await converse(world.http1Port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 OK/,
    );
  });
});

describe('Expect: 100-continue', () => {
  const ask = 'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';

  it('is asked of the backend, whose 100 lets the content come', async () => {
    await using world = await startProxyWorld(httpBackend(mirror));
    const socket = connect(world.http1Port, '127.0.0.1');
    socket.write(ask);
    const [first] = (await once(socket, 'data')) as [Uint8Array];
    expect(Buffer.from(first).toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('hello');
    const [second] = (await once(socket, 'data')) as [Uint8Array];
    expect(Buffer.from(second).toString()).toContain('"content":"hello"');
    socket.destroy();
  });

  it('a refusal instead reaches the client, who sends nothing, and ends the connection', async () => {
    const backend = httpBackend(mirror);
    backend.on('checkContinue', (_message: unknown, response: ServerResponse) => {
      response.writeHead(413, { connection: 'close' }).end('too much');
    });
    await using world = await startProxyWorld(backend);
    const text = await converse(world.http1Port, ask);
    expect(text).toMatch(/^HTTP\/1\.1 413[\s\S]*too much/);
    expect(text).not.toContain('100 Continue');
  });

  it('a backend that never says it is not waited for', async () => {
    await using world = await startProxyWorld(
      rawBackend(socket =>
        socket.on('data', chunk => {
          if (chunk.toString().includes('hello'))
            socket.end('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
        }),
      ),
    );
    const socket = connect(world.http1Port, '127.0.0.1');
    socket.write(ask);
    const [first] = (await once(socket, 'data')) as [Uint8Array];
    expect(Buffer.from(first).toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('hello');
    const [second] = (await once(socket, 'data')) as [Uint8Array];
    expect(Buffer.from(second).toString()).toMatch(/^HTTP\/1\.1 201/);
    socket.destroy();
  });
});
