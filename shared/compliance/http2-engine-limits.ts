import { expect } from 'vitest';
import { later, LIMITS, type HttpCheck } from './http-conversation.ts';
import { dial2, dialTls2, HTTP2_LIMITS, serveHttp2 } from './http2-conversation.ts';
import { ASK_BIG } from './http2-frames.ts';
import { until } from './waiting.ts';

/** RFC 9113 §7. */
const [NO_ERROR, CANCEL, ENHANCE_YOUR_CALM] = [0, 8, 11];

export function describeHttp2Limits(check: HttpCheck): void {
  check('whoever is idle for longest makes room; a running exchange does not', async world => {
    const answer = Promise.withResolvers<void>();
    await using server = await serveHttp2(world, {
      limits: { ...LIMITS, connectionsPerAddressMax: 2 },
      onLater: () => answer.promise.then(() => later('kept')),
    });
    using busy = await dial2(world, server);
    const kept = busy.ask('/later');
    await until(world.clock, 'the request', () => server.counters().later === 1);
    using idle = await dial2(world, server);
    expect((await idle.ask('/')).text).toBe('hello');
    using third = await dial2(world, server);
    expect((await third.ask('/')).text).toBe('hello');
    await idle.ends();
    answer.resolve();
    expect((await kept).text).toBe('kept');
    expect(server.counters()).toMatchObject({ accepted: 3, evicted: 1 });
  });

  check('a connection without a request ends by GOAWAY', async world => {
    await using server = await serveHttp2(world, { limits: { ...LIMITS, idleMs: 300 } });
    using silent = await dial2(world, server);
    using idle = await dial2(world, server);
    expect((await idle.ask('/')).text).toBe('hello');
    // RFC 9113 §6.7: no exchange, so that it does not keep the connection.
    while (!idle.session.closed) {
      idle.session.ping(() => undefined);
      await world.clock.sleep(50);
    }
    expect([await silent.ends(), await idle.ends()]).toEqual([NO_ERROR, NO_ERROR]);
    expect(server.counters().expired).toBe(2);
  });

  check('a stream that stands still is cancelled, and its neighbours go on', async world => {
    await using server = await serveHttp2(world, { limits: { ...LIMITS, stallMs: 300 } });
    using client = await dial2(world, server, { initialWindowSize: 1_000 });
    const stalled = client.begin('/big');
    stalled.on('error', () => undefined);
    stalled.pause();
    const incomplete = client.session.request({ ':method': 'POST', ':path': '/later' });
    incomplete.on('error', () => undefined);
    while (!stalled.closed || !incomplete.closed) {
      expect((await client.ask('/')).text).toBe('hello');
      await world.clock.sleep(10);
    }
    expect([stalled.rstCode, incomplete.rstCode]).toEqual([CANCEL, CANCEL]);
  });

  check('a client that takes nothing of its answers ends', async world => {
    await using server = await serveHttp2(world, { limits: { ...LIMITS, stallMs: 300 } });
    const flow = await dialTls2(world, server);
    flow.on('error', () => undefined);
    flow.pause();
    flow.write(ASK_BIG);
    await until(world.clock, 'the end', () => server.counters().expired === 1);
    expect(server.counters()).toMatchObject({ requests: 1, open: 0 });
    flow.destroy();
  });

  check('streams at a time', async world => {
    const answer = Promise.withResolvers<void>();
    await using server = await serveHttp2(world, { onLater: () => answer.promise.then(() => later('kept')) });
    using client = await dial2(world, server);
    expect((await client.ask('/')).text).toBe('hello');
    expect(client.session.remoteSettings.maxConcurrentStreams).toBe(HTTP2_LIMITS.streamsMax);
    const replies = Array.from({ length: 2 * HTTP2_LIMITS.streamsMax }, () => client.ask('/later'));
    await until(world.clock, 'the requests', () => server.counters().later === HTTP2_LIMITS.streamsMax);
    answer.resolve();
    expect((await Promise.all(replies)).every(({ text }) => text === 'kept')).toBe(true);
  });

  check('streams that are reset (CVE-2023-44487)', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server);
    for (let index = 0; index < 4 * HTTP2_LIMITS.resetsBurst && !client.session.closed; index++) {
      const stream = client.begin('/big');
      stream.on('error', () => undefined);
      await new Promise<void>(resolve => {
        stream.once('response', () => resolve());
        stream.once('close', () => resolve());
      });
      stream.close(CANCEL);
    }
    expect(await client.ends()).toBe(ENHANCE_YOUR_CALM);
    using other = await dial2(world, server);
    expect((await other.ask('/')).text).toBe('hello');
  });

  check('fields that are too long or too many by 431', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server);
    const tooLong = { 'x-long': 'a'.repeat(LIMITS.headerBytes) };
    const names = Array.from({ length: LIMITS.headerFields + 6 }, (_, index) => [`x-${index}`, 'a']);
    for (const fields of [tooLong, Object.fromEntries(names) as Record<string, string>])
      expect((await client.ask('/', fields)).status).toBe(431);
    expect((await client.ask('/')).text).toBe('hello');
    expect(server.counters().malformed).toBe(2);
  });
}
