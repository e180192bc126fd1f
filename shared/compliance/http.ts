import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import type { Clock } from '../devices/clock.ts';
import type { Http, HttpRequest } from '../devices/http.ts';
import type { Flow, Tcp } from '../devices/tcp.ts';
import { accepting, within, type Make } from './waiting.ts';

export interface HttpWorld {
  readonly server: Tcp;
  readonly client: Http;
  /** An address of the server that the client reaches. */
  readonly address: string;
  readonly clock: Clock;
}

/** What every {@link Http} must do. Over TLS it is as good as Tls, which has a suite of its own. */
export function describeHttp(name: string, make: Make<HttpWorld>): void {
  const check = (title: string, test: (world: HttpWorld) => Promise<void>): void =>
    it(title, async () => {
      await using world = await make();
      await test(world);
    });

  describe(`${name} asks`, () => {
    check('the request is on the wire as it was given', async world => {
      const { request } = await exchange(world, 'HTTP/1.1 204 No Content\r\n\r\n', {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: encodeUtf8('a body'),
      });
      const text = request.toLowerCase();
      expect(text.startsWith('post /path?query=1 http/1.1\r\n')).toBe(true);
      expect(text).toContain('content-type: text/plain\r\n');
      expect(text).toContain('content-length: 6\r\n');
      expect(text.endsWith('\r\n\r\na body')).toBe(true);
    });

    check('status, headers and body come back', async world => {
      const head =
        'HTTP/1.1 404 Not Found\r\nX-One: a\r\nx-one: b\r\nSet-Cookie: c=1, d\r\nset-cookie: e\r\n';
      const { response } = await exchange(world, `${head}content-length: 4\r\n\r\ngone`);
      const { status, headers, body } = await response;
      expect(status).toBe(404);
      expect(headers['x-one']).toBe('a, b');
      expect(headers['set-cookie']).toBe('c=1, d\ne');
      expect(decodeUtf8(body)).toBe('gone');
    });

    check('a chunked body, and one that ends with the flow', async world => {
      const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n';
      expect(decodeUtf8((await (await exchange(world, chunked)).response).body)).toBe('abcde');
      const open = 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil the end';
      expect(decodeUtf8((await (await exchange(world, open)).response).body)).toBe('until the end');
    });

    check('a redirection is not followed', async world => {
      const moved = 'HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n';
      expect((await (await exchange(world, moved)).response).status).toBe(302);
    });
  });

  describe(`${name} gives up`, () => {
    check('a body over the limit is too-large', async world => {
      const long = `HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n${'x'.repeat(100)}`;
      const { response } = await exchange(world, long, { bodyMaxBytes: 99 });
      await expect(response).rejects.toMatchObject({ kind: 'too-large' });
    });

    check('a silent server times out', async world => {
      const { response } = await exchange(world, '', { timeoutMs: 80 });
      await expect(response).rejects.toMatchObject({ kind: 'timed-out' });
    });

    check('what is not HTTP fails', async world => {
      const { response } = await exchange(world, 'SSH-2.0-OpenSSH_9.2\r\n\r\n');
      await expect(response).rejects.toMatchObject({ name: 'DeviceError' });
    });

    check('a port where nobody listens is refused', async ({ server, client, address }) => {
      const listener = await server.listen({ host: address, port: 0 }, () => undefined);
      await listener.close();
      const url = new URL(`http://${address}:${listener.address.port}/`);
      await expect(client.request({ method: 'GET', url })).rejects.toMatchObject({ kind: 'refused' });
    });

    check('an aborted signal is thrown, before and meanwhile', async world => {
      const before = AbortSignal.abort(new Error('never mind'));
      const url = new URL(`http://${world.address}:1/`);
      await expect(world.client.request({ method: 'GET', url, signal: before })).rejects.toThrow(
        'never mind',
      );
      const stop = new AbortController();
      const { response } = await exchange(world, '', { signal: stop.signal });
      stop.abort(new Error('too slow'));
      await expect(response).rejects.toThrow('too slow');
    });
  });
}

interface Exchange {
  /** What was on the wire when the server answered. */
  readonly request: string;
  readonly response: ReturnType<Http['request']>;
}

/** One request to a server that answers `answer` (nothing at all where it is empty) and ends. */
async function exchange(
  world: HttpWorld,
  answer: string,
  more: Partial<HttpRequest> = {},
): Promise<Exchange> {
  const accepted = await accepting(world.server, { host: world.address, port: 0 });
  const url = new URL(`http://${world.address}:${accepted.listener.address.port}/path?query=1`);
  const response = world.client.request({ method: 'GET', url, ...more });
  const settled = response.then(
    () => undefined,
    () => undefined,
  );
  void settled.then(() => accepted[Symbol.asyncDispose]());
  const flow = await within(world.clock, 'a flow', accepted.next());
  const request = await within(world.clock, 'the whole request', readRequest(flow, more.body?.length ?? 0));
  if (answer !== '') flow.end(encodeUtf8(answer));
  // Boxed, so that waiting for the exchange is not waiting for the response.
  return { request, response };
}

function readRequest(flow: Flow, bodyBytes: number): Promise<string> {
  return new Promise(resolve => {
    let text = '';
    flow.on('data', (chunk: Uint8Array) => {
      text += decodeUtf8(chunk);
      const head = text.indexOf('\r\n\r\n');
      if (head >= 0 && text.length >= head + 4 + bodyBytes) resolve(text);
    });
  });
}
