import fc from 'fast-check';
import { expect } from 'vitest';
import { concatBytes, equalBytes } from '../base/bytes.ts';
import type { Exchange } from '../devices/http-exchange.ts';
import type { Flow } from '../devices/tcp.ts';
import { BIG_BYTES, content, converse, later, request, type HttpCheck } from './http-conversation.ts';
import { ASK_BIG, dataIn, frame, HELLO } from './http2-frames.ts';
import { dial2, dialTls2, HTTP2_LIMITS, replyOf, secured, serveHttp2 } from './http2-conversation.ts';
import { collect, until, within } from './waiting.ts';

/** Contract of HttpServer.close. */
const CLOSE_MAX_MS = 200;

export function describeHttp2Answers(check: HttpCheck): void {
  check('GET with its fields, and the next on the same connection', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server);
    const home = await client.ask('/');
    expect([home.status, home.text, home.fields['content-length']]).toEqual([200, 'hello', '5']);
    // RFC 9110 §6.6.1: an origin server with a clock sends Date.
    expect(home.fields.date).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
    const absent = await client.ask('/absent');
    expect([absent.status, absent.body.length]).toEqual([404, 0]);
    expect((await client.ask('/')).text).toBe('hello');
    expect(server.counters()).toMatchObject({ requests: 3, handshakes: 1, malformed: 0 });
  });

  check('HEAD by the fields of GET and no content (RFC 9110 §9.3.2)', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server);
    for (const path of ['/', '/no-length']) {
      const head = await client.ask(path, { ':method': 'HEAD' });
      expect([head.status, head.body.length]).toEqual([200, 0]);
    }
    expect((await client.ask('/', { ':method': 'HEAD' })).fields['content-length']).toBe('5');
  });

  check('many requests at a time, each its own', async world => {
    await using server = await serveHttp2(world, { onLater: () => Promise.resolve(later('LATER')) });
    using client = await dial2(world, server);
    const expected: Readonly<Record<string, string>> = {
      '/': 'hello',
      '/later': 'LATER',
      '/absent': '',
      '/no-length': 'abc',
    };
    // The client keeps to the streams that the server allows once it knows them.
    await client.ask('/');
    const paths = Array.from({ length: 200 }, (_, index) => Object.keys(expected)[index % 4] ?? '/');
    const texts = await Promise.all(paths.map(async path => (await client.ask(path)).text));
    expect(texts).toEqual(paths.map(path => expected[path]));
    expect(server.counters()).toMatchObject({ requests: 201, later: 50 });
  });

  check('with what the fields of the request say', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server);
    const host = 'one.test:443';
    const { text } = await client.ask('/fields', { ':authority': host, 'x-a': 'b', cookie: 'c=1; d=2' });
    // RFC 9113 §8.2.3: crumbs of a cookie are one cookie; §8.3.1: the authority is the host.
    expect(JSON.parse(text)).toMatchObject({ host, 'x-a': 'b', cookie: 'c=1; d=2' });
  });

  check('content in pieces, and interim answers before it (RFC 8297)', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server);
    const parts = await client.ask('/parts');
    expect(parts.body.length).toBe(11);
    expect(parts.text.at(-1)).toBe('.');
    const hinted = await client.ask('/hints');
    expect([hinted.status, hinted.text]).toEqual([200, 'hinted']);
    expect(hinted.interim).toMatchObject([{ ':status': 103, link: '</a.css>; rel=preload' }]);
  });

  check('long answers to clients with small windows, whole and beside each other', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server, { initialWindowSize: 1_000 });
    const [one, two, small] = await Promise.all(['/big', '/big', '/'].map(path => client.ask(path)));
    const { big } = content('').plane;
    expect([equalBytes(one!.body, big), equalBytes(two!.body, big), small!.text]).toEqual([
      true,
      true,
      'hello',
    ]);
  });

  check('a long answer to a client that reads late', async world => {
    await using server = await serveHttp2(world);
    const flow = await dialTls2(world, server);
    flow.pause();
    flow.write(ASK_BIG);
    await until(world.clock, 'the request', () => server.counters().requests === 1);
    await world.clock.sleep(100);
    const received = collect(flow);
    let length = 0;
    flow.on('data', (chunk: Uint8Array) => void (length += chunk.length));
    flow.resume();
    const { big } = content('').plane;
    const isWhole = (): boolean => length > BIG_BYTES && dataIn(received.bytes()).length === BIG_BYTES;
    await until(world.clock, 'the answer', isWhole);
    expect(equalBytes(dataIn(received.bytes()), big)).toBe(true);
    flow.destroy();
  });

  check('answers that the plane made badly', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server);
    const paths = ['/no-length', '/unchanged', '/throws', '/injected', '/'];
    const replies = await Promise.all(paths.map(path => client.ask(path)));
    expect(replies.map(({ status }) => status)).toEqual([200, 304, 500, 500, 200]);
    expect([replies[0]!.text, replies[0]!.fields['content-length']]).toEqual(['abc', '3']);
    expect(replies[1]!.body.length).toBe(0);
  });

  check('CONNECT by 501 (RFC 9110 §9.3.6)', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server);
    const stream = client.session.request({ ':method': 'CONNECT', ':authority': 'other.test:443' });
    expect((await within(world.clock, 'the answer', replyOf(stream))).status).toBe(501);
    expect((await client.ask('/')).text).toBe('hello');
  });
}

export function describeHttp2Choice(check: HttpCheck): void {
  check('h2 where it is offered, else HTTP/1.1', async world => {
    await using server = await serveHttp2(world);
    for (const alpnProtocols of [['h2'], ['http/1.1', 'h2'], ['h2', 'http/1.1', 'acme-tls/1']]) {
      const flow = await dialTls2(world, server, { alpnProtocols });
      expect(flow.alpnProtocol).toBe('h2');
      flow.destroy();
    }
    for (const alpnProtocols of [['http/1.1'], []]) {
      const flow = await dialTls2(world, server, { alpnProtocols });
      expect(flow.alpnProtocol).toBe(alpnProtocols[0] ?? false);
      using talk = converse(world.clock, flow);
      talk.say(request('/'));
      await talk.hears(/^HTTP\/1\.1 200 OK\r\n[^]*hello$/);
    }
  });

  check('nothing for others: they are handed over', async world => {
    const flows: Flow[] = [];
    const onHandOver = (flow: Flow): void => void flows.push(flow);
    await using server = await serveHttp2(world, { onHandOver });
    const attempts = [{ serverName: 'unknown.test' }, { alpnProtocols: ['acme-tls/1'] }];
    for (const [index, options] of attempts.entries()) {
      void dialTls2(world, server, options).catch(() => undefined);
      await until(world.clock, 'the flow', () => flows.length === index + 1);
      const received = collect(flows[index]!);
      // RFC 8446 §5.1: a handshake record.
      await until(world.clock, 'the ClientHello', () => received.bytes()[0] === 22);
      flows[index]!.destroy();
    }
  });
}

export function describeHttp2Life(check: HttpCheck): void {
  check('update() changes what is answered; answers under way stay whole', async world => {
    await using server = await serveHttp2(world);
    using client = await dial2(world, server, { initialWindowSize: 1_000 });
    const slow = client.begin('/big');
    slow.pause();
    const whole = replyOf(slow);
    slow.pause();
    expect((await client.ask('/')).text).toBe('hello');
    await server.update(secured('goodbye', 0x62));
    expect((await client.ask('/')).text).toBe('goodbye');
    slow.resume();
    expect(equalBytes((await whole).body, content('').plane.big)).toBe(true);
  });

  check('exchanges are recorded', async world => {
    const exchanges: Exchange[] = [];
    await using server = await serveHttp2(world, {
      onExchanges: finished => void exchanges.push(...finished.exchanges),
    });
    using client = await dial2(world, server);
    await client.ask('/', { 'user-agent': 'x', referer: 'y' });
    await client.ask('/', { ':method': 'HEAD' });
    const cut = client.begin('/big');
    cut.on('error', () => undefined);
    cut.once('data', () => cut.close(8));
    await until(world.clock, 'the records', () => exchanges.length === 3);
    const common = { protocol: 'h2', site: 3, status: 200 };
    expect(exchanges[0]).toMatchObject({ ...common, method: 'GET', target: '/', sentBytes: 5 });
    expect(exchanges[0]).toMatchObject({ agent: 'x', referrer: 'y' });
    expect(exchanges[1]).toMatchObject({ ...common, method: 'HEAD', sentBytes: 0 });
    expect(exchanges[2]).toMatchObject({ ...common, target: '/big' });
    expect(exchanges[2]!.sentBytes).toBeGreaterThan(0);
    expect(exchanges[2]!.sentBytes).toBeLessThan(BIG_BYTES);
  });

  check('close() is quick while connections wait', async world => {
    const server = await serveHttp2(world, { onLater: () => new Promise(() => undefined) });
    using idle = await dial2(world, server);
    using waiting = await dial2(world, server);
    await idle.ask('/');
    const asked = waiting.begin('/later');
    asked.on('error', () => undefined);
    await until(world.clock, 'the request', () => server.counters().later === 1);
    const start = world.clock.monotonic();
    await server.close();
    expect(world.clock.monotonic() - start).toBeLessThanOrEqual(CLOSE_MAX_MS);
    await Promise.all([idle.ends(), waiting.ends()]);
  });

  check('close() with time says so by GOAWAY and lets running answers end', async world => {
    const answer = Promise.withResolvers<void>();
    const server = await serveHttp2(world, { onLater: () => answer.promise.then(() => later('done')) });
    using idle = await dial2(world, server);
    await idle.ask('/');
    // Some hundred round trips: still on its way when the server closes, and done in the time that it then has.
    using busy = await dial2(world, server, { initialWindowSize: 20_000 });
    const [running, long] = [busy.ask('/later'), busy.ask('/big')];
    await until(world.clock, 'the requests', () => server.counters().requests === 3);
    const closing = server.close(4_000);
    expect(await idle.ends()).toBe(0);
    answer.resolve();
    expect((await running).text).toBe('done');
    expect((await long).body.length).toBe(BIG_BYTES);
    expect(await busy.ends()).toBe(0);
    await within(world.clock, 'the end of the server', closing, 1_000);
  });

  check('a connection that has had its streams ends, and the next goes on', async world => {
    const http2 = { ...HTTP2_LIMITS, streamsPerConnectionMax: 10 };
    await using server = await serveHttp2(world, { http2 });
    using client = await dial2(world, server);
    const replies = await Promise.all(Array.from({ length: 10 }, () => client.ask('/')));
    expect(new Set(replies.map(({ text }) => text))).toEqual(new Set(['hello']));
    expect(await client.ends()).toBe(0);
    using next = await dial2(world, server);
    expect((await next.ask('/')).text).toBe('hello');
  });
}

export function describeHttp2Bytes(check: HttpCheck): void {
  check('no bytes end the server', async world => {
    await using server = await serveHttp2(world, { onLater: () => Promise.resolve(later('later')) });
    const streamId = fc.oneof(fc.constantFrom(0, 1, 3, 5), fc.nat(255));
    // RFC 7541 appendix A: :method GET, :scheme https, :path /.
    const payload = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(Uint8Array.of(0x82, 0x87, 0x84)));
    const frames = fc.array(fc.tuple(fc.nat(17), fc.nat(255), streamId, payload), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(frames, fc.boolean(), async (list, greeted) => {
        const flow = await dialTls2(world, server);
        const received = collect(flow);
        const hello = greeted ? [HELLO] : [];
        flow.write(concatBytes([...hello, ...list.map(parts => frame(...parts))]));
        flow.end();
        await until(world.clock, 'the end', () => received.ended || received.closes > 0);
        flow.destroy();
      }),
      { numRuns: 60 },
    );
    using client = await dial2(world, server);
    expect((await client.ask('/')).text).toBe('hello');
  });
}
