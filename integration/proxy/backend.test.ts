import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { mirror } from './mirror.ts';
import { askHttp2, converse, httpBackend, rawBackend, startProxyWorld } from './world.ts';

describe('connections to the backend', () => {
  it('are kept for the next request', async () => {
    await using world = await startProxyWorld(httpBackend(mirror));
    for (let index = 0; index < 5; index++)
      await converse(world.http1Port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(world.connections()).toEqual({ accepted: 1, open: 1 });
  });

  it('what meets the end of a kept one is sent again, unless it may not be repeated', async () => {
    let requests = 0;
    await using world = await startProxyWorld(
      rawBackend(socket => {
        let answered = false;
        socket.on('data', () => {
          requests++;
          // Closes without a word instead of a second answer on one connection, as a server does whose time-out just fired.
          if (answered) return void socket.resetAndDestroy();
          answered = true;
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        });
      }),
    );
    const ask = (method: string): Promise<string> =>
      converse(
        world.http1Port,
        `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx`,
      );
    expect(await ask('PUT')).toMatch(/^HTTP\/1\.1 200/);
    expect(await ask('PUT')).toMatch(/^HTTP\/1\.1 200/);
    expect(requests).toBe(3);
    expect(await ask('PUT')).toMatch(/^HTTP\/1\.1 200/);
    requests = 0;
    expect(await ask('POST')).toMatch(/^HTTP\/1\.1 502/);
    expect(requests).toBe(1);
  });

  it('bytes that nobody asked for are no answer to the next request', async () => {
    await using world = await startProxyWorld(
      rawBackend(socket =>
        socket.on('data', () =>
          socket.write(
            'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
          ),
        ),
      ),
    );
    for (let index = 0; index < 5; index++)
      expect(
        await converse(world.http1Port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
      ).not.toContain('evil');
  });
});

describe('a backend that fails', () => {
  it('is answered for with 502, degrades health with the reason, and recovers with the next answer', async () => {
    await using world = await startProxyWorld(httpBackend(mirror));
    await world.stopBackend();
    const down = await converse(world.http1Port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(down).toMatch(/^HTTP\/1\.1 502 [\s\S]*does not answer as it should/);
    expect([...world.faults]).toEqual([
      ['backend-photos.example.org', expect.stringMatching(/ECONNREFUSED.*every 10 s/)],
    ]);
    expect(world.backend.status().downReason).toContain('ECONNREFUSED');
    await world.startBackend();
    const up = await converse(world.http1Port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(up).toMatch(/^HTTP\/1\.1 200/);
    expect([...world.faults]).toEqual([]);
  });

  it.each([
    ['nonsense', 'SSH-2.0-OpenSSH\r\n'],
    ['a broken head', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n'],
    ['two framings', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n'],
    ['nothing', ''],
  ])('by %s is answered for with 502', async (_name, answer) => {
    await using world = await startProxyWorld(
      rawBackend(socket => socket.once('data', () => socket.end(answer))),
    );
    const text = await converse(world.http1Port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 502/);
    expect((await askHttp2(world.session(), { ':method': 'GET', ':path': '/' })).status).toBe(502);
  });

  it('a request that comes round again and again is stopped', async () => {
    const ports: number[] = [];
    await using world = await startProxyWorld(
      httpBackend((message, response) => {
        const again = httpRequest(
          { port: ports[0], headers: message.rawHeaders, path: '/', agent: false },
          answer => {
            response.writeHead(answer.statusCode ?? 0);
            answer.pipe(response);
          },
        );
        again.end();
      }),
    );
    ports.push(world.http1Port);
    const text = await converse(world.http1Port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 508/);
  });

  it.each([
    ['TRACE', '/', 501],
    ['GET', '/a#b', 400],
    ['OPTIONS', '*', 200],
  ])('%s %s is answered %i', async (method, target, status) => {
    await using world = await startProxyWorld(httpBackend(mirror));
    const text = await converse(
      world.http1Port,
      `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`));
  });
});
