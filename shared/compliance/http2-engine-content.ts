import { expect } from 'vitest';
import { concatBytes, encodeUtf8 } from '../base/bytes.ts';
import type { HttpServeOptions } from '../devices/http-engine.ts';
import { later, LIMITS, type HttpCheck } from './http-conversation.ts';
import { dial2, replyOf, serveHttp2 } from './http2-conversation.ts';
import { until, within } from './waiting.ts';

/** RFC 9113 §7. */
const [NO_ERROR, REFUSED_STREAM, CANCEL] = [0, 7, 8];

/** Answers with what it got. */
const echo: NonNullable<HttpServeOptions['onLater']> = (asked, content) => {
  const body = concatBytes([content, encodeUtf8(` by ${asked.method}`)]);
  return Promise.resolve({ status: 200, fields: ['content-length', String(body.length)], body: [body] });
};

export function describeHttp2Content(check: HttpCheck): void {
  check('for the main thread, by its length or without', async world => {
    await using server = await serveHttp2(world, { onLater: echo });
    using client = await dial2(world, server);
    const four = [encodeUtf8('fo'), encodeUtf8('ur')];
    expect((await client.ask('/later', { 'content-length': '4' }, four)).text).toBe('four by POST');
    expect((await client.ask('/later', { ':method': 'PUT' }, four)).text).toBe('four by PUT');
    expect((await client.ask('/later', {}, [])).text).toBe(' by POST');
    expect(server.counters().later).toBe(3);
  });

  check('as much as the limit allows, though windows are smaller', async world => {
    await using server = await serveHttp2(world, { onLater: echo });
    using client = await dial2(world, server);
    for (let round = 0; round < 3; round++) {
      const { body } = await client.ask('/later', {}, [new Uint8Array(LIMITS.contentBytes)]);
      expect(body.length).toBe(LIMITS.contentBytes + ' by POST'.length);
    }
  });

  check('after 100, where a client waits for it (RFC 9110 §10.1.1)', async world => {
    await using server = await serveHttp2(world, { onLater: echo });
    using client = await dial2(world, server);
    const stream = client.session.request({ ':method': 'POST', ':path': '/later', expect: '100-continue' });
    stream.once('continue', () => stream.end('four'));
    expect((await within(world.clock, 'the answer', replyOf(stream))).text).toBe('four by POST');
  });

  check('up to the limit, which is 413', async world => {
    await using server = await serveHttp2(world, { onLater: echo });
    using client = await dial2(world, server);
    const tooMuch = new Uint8Array(LIMITS.contentBytes + 1);
    const told = await client.ask('/later', { 'content-length': String(tooMuch.length) }, [tooMuch]);
    expect(told.status).toBe(413);
    expect((await client.ask('/later', {}, [tooMuch])).status).toBe(413);
    expect(server.counters().later).toBe(0);
    expect((await client.ask('/')).text).toBe('hello');
  });

  check('of one connection together no more than of one request', async world => {
    await using server = await serveHttp2(world, { onLater: echo });
    using client = await dial2(world, server);
    const half = new Uint8Array(LIMITS.contentBytes / 2);
    const first = client.session.request({ ':method': 'POST', ':path': '/later' });
    first.write(half);
    const reply = replyOf(first);
    const second = client.session.request({ ':method': 'POST', ':path': '/later' });
    second.on('error', () => undefined);
    second.write(half);
    second.write(half);
    await until(world.clock, 'the refusal', () => second.closed);
    expect(second.rstCode).toBe(REFUSED_STREAM);
    first.end();
    expect((await within(world.clock, 'the answer', reply)).body.length).toBe(half.length + 8);
    expect((await client.ask('/later', {}, [half, half])).status).toBe(200);
  });

  check('that nobody reads: the answer, and no more of it (RFC 9113 §8.1)', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server);
    const stream = client.session.request({ ':method': 'POST', ':path': '/' });
    const reply = replyOf(stream);
    stream.write(new Uint8Array(1_000));
    expect((await within(world.clock, 'the answer', reply)).text).toBe('hello');
    await until(world.clock, 'the end of the stream', () => stream.closed);
    expect(stream.rstCode).toBe(NO_ERROR);
    expect((await client.ask('/')).text).toBe('hello');
  });

  check('where the main thread fails: 500, and the connection goes on', async world => {
    await using server = await serveHttp2(world, {
      onLater: () => Promise.reject(new Error('a planned fault')),
    });
    using client = await dial2(world, server);
    expect((await client.ask('/later')).status).toBe(500);
    expect((await client.ask('/')).text).toBe('hello');
  });

  check('where the client cancels, or goes away, meanwhile', async world => {
    const answer = Promise.withResolvers<void>();
    await using server = await serveHttp2(world, {
      onLater: () => answer.promise.then(() => later('too late')),
    });
    using client = await dial2(world, server);
    using gone = await dial2(world, server);
    const streams = [client.begin('/later'), gone.begin('/later')];
    for (const stream of streams) stream.on('error', () => undefined);
    await until(world.clock, 'the requests', () => server.counters().later === 2);
    streams[0]!.close(CANCEL);
    gone.session.destroy();
    await until(world.clock, 'the end of one', () => server.counters().open === 1);
    answer.resolve();
    expect((await client.ask('/')).text).toBe('hello');
  });
}
