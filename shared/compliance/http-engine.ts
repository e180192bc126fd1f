import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8, equalBytes } from '../base/bytes.ts';
import type { Exchange } from '../devices/http-exchange.ts';
import {
  answersIn,
  later,
  type HttpCheck,
  BIG_BYTES,
  content,
  dial,
  LIMITS,
  request,
  serve,
  type HttpEngineWorld,
} from './http-conversation.ts';
import { describeHttpContent } from './http-engine-content.ts';
import { describeHttpLimits } from './http-engine-limits.ts';
import { describeHttpTls } from './http-engine-tls.ts';
import { describeHttp2Content } from './http2-engine-content.ts';
import { describeHttp2Limits } from './http2-engine-limits.ts';
import {
  describeHttp2Answers,
  describeHttp2Bytes,
  describeHttp2Choice,
  describeHttp2Life,
} from './http2-engine.ts';
import { until, within, type Make } from './waiting.ts';

/** Contract of HttpServer.close. */
const CLOSE_MAX_MS = 200;

/** Every test starts a worker of its own, which takes seconds where all cores are busy. */
const TEST_MAX_MS = 30_000;

/** What every {@link HttpEngine} must do. */
export function describeHttpEngine(name: string, make: Make<HttpEngineWorld>): void {
  const check: HttpCheck = (title, test) =>
    it(
      title,
      async () => {
        await using world = await make();
        await test(world);
      },
      TEST_MAX_MS,
    );
  describe(`${name} answers HTTP/1.1`, () => describeAnswers(check));
  describe(`${name} takes content`, () => describeHttpContent(check));
  describe(`${name} refuses`, () => describeRefusals(check));
  describe(`${name} keeps limits`, () => describeHttpLimits(check));
  describe(`${name} changes content and ends`, () => describeLife(check));
  describe(`${name} speaks TLS`, () => describeHttpTls(check));
  describe(`${name} chooses by ALPN`, () => describeHttp2Choice(check));
  describe(`${name} answers HTTP/2`, () => describeHttp2Answers(check));
  describe(`${name} takes content of HTTP/2`, () => describeHttp2Content(check));
  describe(`${name} keeps limits of HTTP/2`, () => describeHttp2Limits(check));
  describe(`${name} changes content and ends with HTTP/2`, () => describeHttp2Life(check));
  describe(`${name} refuses what is no HTTP/2`, () => describeHttp2Bytes(check));
}

function describeAnswers(check: HttpCheck): void {
  check('GET with its head, and the next on the same connection', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    talk.say(request('/'));
    await talk.hears(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhello$/);
    // RFC 9110 §6.6.1: an origin server with a clock sends Date.
    expect(talk.heard()).toMatch(/\r\ndate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/i);
    talk.say(request('/absent'));
    await talk.hears(/HTTP\/1\.1 404 Not Found\r\n[^]*\r\n\r\n$/);
    talk.say(request('/'));
    await talk.hears(/404[^]*hello$/);
  });

  check('HEAD by the fields of GET and no content (RFC 9110 §9.3.2)', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    talk.say(request('/', '', 'HEAD') + request('/absent'));
    await talk.hears(/404[^]*\r\n\r\n$/);
    expect(talk.heard()).toMatch(/content-length: 5\r\n(?:[^\r]+\r\n)*\r\nHTTP\/1\.1 404/i);
    expect(talk.heard()).not.toContain('hello');
  });

  check('pipelined requests in their order (RFC 9112 §9.3.2)', async world => {
    await using server = await serve(world, { onLater: () => Promise.resolve(later('LATER')) });
    using talk = await dial(world, server.address);
    const targets = ['/', '/absent', '/later', '/parts', '/later', '/'];
    talk.say(targets.map(target => request(target)).join(''));
    await talk.hears(/hello$/);
    const answers = answersIn(talk.heardBytes());
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 200, 200, 200, 200]);
    const texts = answers.map(({ body }) => decodeUtf8(body.filter(byte => byte >= 0x20)));
    expect(texts).toEqual(['hello', '', 'LATER', 'helloaaaa.', 'LATER', 'hello']);
  });

  check('requests that come byte by byte', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    for (const character of request('/')) {
      talk.say(character);
      await world.clock.sleep(1);
    }
    await talk.hears(/hello$/);
  });

  check('1.0 ends with the answer, unless it asks for more (RFC 9112 §9.3)', async world => {
    await using server = await serve(world);
    using once = await dial(world, server.address);
    once.say('GET / HTTP/1.0\r\n\r\n');
    expect(await once.ends()).toMatch(/connection: close\r\n[^]*hello$/i);
    using more = await dial(world, server.address);
    more.say('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    await more.hears(/connection: keep-alive\r\n[^]*hello$/i);
    more.say('GET / HTTP/1.0\r\n\r\n');
    expect(answersIn(new Uint8Array(Array.from(await more.ends(), c => c.charCodeAt(0)))).length).toBe(2);
  });

  check('the last answer is said to be so, and is', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    talk.say(request('/', 'Connection: close\r\n') + request('/'));
    expect((await talk.ends()).match(/hello/g)?.length).toBe(1);
    expect(talk.heard()).toMatch(/connection: close\r\n/i);
  });

  check('a client that ends its side gets its answer', async world => {
    await using server = await serve(world, {
      onLater: () => world.clock.sleep(50).then(() => later('late')),
    });
    using talk = await dial(world, server.address);
    talk.flow.end(encodeUtf8(request('/later')));
    expect(await talk.ends()).toMatch(/late$/);
  });

  check('a long answer to a client that reads late comes whole', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    talk.flow.pause();
    talk.say(request('/big') + request('/'));
    await world.clock.sleep(100);
    talk.flow.resume();
    await until(
      world.clock,
      'both answers',
      () => talk.heardLength() > BIG_BYTES && lastOf(talk.heardBytes()).endsWith('hello'),
    );
    const [big] = answersIn(talk.heardBytes());
    expect(isSame(big?.body, content('').plane.big)).toBe(true);
  });

  check('interim answers to 1.1 alone (RFC 8297, RFC 9110 §15.2)', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    talk.say(request('/hints'));
    await talk.hears(/^HTTP\/1\.1 103 Early Hints\r\nlink: [^\r]*\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*hinted$/i);
    using old = await dial(world, server.address);
    old.say('GET /hints HTTP/1.0\r\n\r\n');
    expect(await old.ends()).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  check('answers that the plane made badly', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    talk.say(
      request('/no-length') +
        request('/unchanged') +
        request('/throws') +
        request('/injected') +
        request('/'),
    );
    await talk.hears(/hello$/);
    const answers = answersIn(talk.heardBytes());
    expect(answers.map(({ status }) => status)).toEqual([200, 304, 500, 500, 200]);
    expect(decodeUtf8(answers[0]!.body)).toBe('abc');
    expect(talk.heard()).not.toContain('never sent');
  });
}

/** Without the runner's comparison, which is slow on megabytes. */
function isSame(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && equalBytes(left, right);
}

function lastOf(bytes: Uint8Array): string {
  return decodeUtf8(bytes.subarray(-16));
}

/** Each would be read in two ways by two servers, or by nobody (RFC 9112 §6.3, §11.2). */
const DANGEROUS: readonly (readonly [what: string, request: string])[] = [
  ['both lengths', request('/', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', 'POST')],
  ['two lengths', request('/', 'Content-Length: 3\r\nContent-Length: 4\r\n', 'POST')],
  ['chunked not last', request('/', 'Transfer-Encoding: chunked, x\r\n', 'POST')],
  ['two Hosts', request('/', 'Host: two\r\n')],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['a space before the colon', request('/', 'A : b\r\n')],
  ['an obs-fold', request('/', 'A: b\r\n c\r\n')],
  ['a bare CR', request('/', 'A: b\rc\r\n')],
  ['NUL', request('/', 'A: b\0c\r\n')],
  ['another protocol', '\x16\x03\x01\x00\x05hello'],
];

function describeRefusals(check: HttpCheck): void {
  for (const [what, dangerous] of DANGEROUS)
    check(`${what} by 400 and the end`, async world => {
      await using server = await serve(world);
      using talk = await dial(world, server.address);
      talk.say(dangerous + request('/'));
      expect(await talk.ends()).toMatch(/^HTTP\/1\.1 400 [^]*connection: close\r\n/i);
      expect(talk.heard()).not.toContain('hello');
      expect(server.counters().malformed).toBe(1);
    });

  check('heads that are too long or have too many fields by 431', async world => {
    await using server = await serve(world);
    for (const fields of [
      `A: ${'a'.repeat(LIMITS.headerBytes)}\r\n`,
      'a: b\r\n'.repeat(LIMITS.headerFields + 1),
    ]) {
      using talk = await dial(world, server.address);
      talk.say(request('/', fields));
      expect(await talk.ends()).toMatch(/^HTTP\/1\.1 431 /);
    }
  });

  check('no bytes end the server', async world => {
    await using server = await serve(world, { onLater: () => Promise.resolve(later('later')) });
    const pieces = fc.oneof(
      fc.constantFrom(
        request('/'),
        request('/later', 'Content-Length: 3\r\n', 'POST'),
        request('/throws'),
        'abc',
        '\r\n',
      ),
      fc.constantFrom(...DANGEROUS.map(([, text]) => text)),
      fc.string({ unit: 'binary', maxLength: 30 }).map(text => text.replace(/[^\0-\xff]/g, '?')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 6 }), fc.boolean(), async (texts, abrupt) => {
        using talk = await dial(world, server.address);
        for (const text of texts) talk.say(text);
        if (abrupt) return;
        talk.flow.end();
        await talk.ends();
      }),
      { numRuns: 60 },
    );
    using talk = await dial(world, server.address);
    talk.say(request('/'));
    await talk.hears(/hello$/);
  });
}

function describeLife(check: HttpCheck): void {
  check('update() changes what is answered; answers under way stay whole', async world => {
    await using server = await serve(world);
    using slow = await dial(world, server.address);
    slow.flow.pause();
    slow.say(request('/big') + request('/'));
    using talk = await dial(world, server.address);
    talk.say(request('/'));
    await talk.hears(/hello$/);
    await server.update(content('goodbye', 0x62));
    talk.say(request('/'));
    await talk.hears(/goodbye$/);
    slow.flow.resume();
    await until(
      world.clock,
      'both answers',
      () => slow.heardLength() > BIG_BYTES && lastOf(slow.heardBytes()).endsWith('goodbye'),
    );
    expect(isSame(answersIn(slow.heardBytes())[0]?.body, content('').plane.big)).toBe(true);
  });

  check('exchanges are recorded', async world => {
    const exchanges: Exchange[] = [];
    await using server = await serve(world, {
      onExchanges: finished => void exchanges.push(...finished.exchanges),
    });
    using talk = await dial(world, server.address);
    talk.say(
      request(`/${'a'.repeat(300)}`) +
        request('/', 'User-Agent: x\r\nReferer: y\r\n') +
        request('/', '', 'HEAD'),
    );
    await until(world.clock, 'the records', () => exchanges.length === 3);
    const client = expect.stringContaining(world.address.includes(':') ? ':' : '127.0.0.1');
    expect(exchanges[0]).toMatchObject({
      site: -1,
      status: 404,
      sentBytes: 0,
      target: `/${'a'.repeat(255)}`,
    });
    expect(exchanges[1]).toMatchObject({
      site: 3,
      protocol: 'http',
      method: 'GET',
      target: '/',
      status: 200,
      sentBytes: 5,
      client,
      agent: 'x',
      referrer: 'y',
    });
    expect(exchanges[2]).toMatchObject({ method: 'HEAD', sentBytes: 0 });
    expect(Math.abs(exchanges[1]!.endMs - world.clock.now())).toBeLessThan(60_000);
  });

  check('close() is quick while connections wait, and frees the port', async world => {
    const server = await serve(world, { onLater: () => new Promise(() => undefined) });
    using idle = await dial(world, server.address);
    using waiting = await dial(world, server.address);
    waiting.say(request('/later'));
    await until(world.clock, 'the request', () => server.counters().later === 1);
    const start = world.clock.monotonic();
    await server.close();
    expect(world.clock.monotonic() - start).toBeLessThanOrEqual(CLOSE_MAX_MS);
    await Promise.all([idle.ends(), waiting.ends()]);
    await server.close();
    await using again = await serve(world, { port: server.address.port });
    expect(again.address).toEqual(server.address);
  });

  check('close() with time lets running answers end and no other begin', async world => {
    const answer = Promise.withResolvers<void>();
    const server = await serve(world, { onLater: () => answer.promise.then(() => later('done')) });
    using idle = await dial(world, server.address);
    using busy = await dial(world, server.address);
    busy.say(request('/later') + request('/'));
    await until(world.clock, 'the request', () => server.counters().later === 1);
    const closing = server.close(4_000);
    await idle.ends();
    answer.resolve();
    expect(await busy.ends()).toMatch(/connection: close\r\n[^]*done$/i);
    await within(world.clock, 'the end of the server', closing, 1_000);
  });

  check('an occupied port is address-in-use', async world => {
    await using server = await serve(world);
    await expect(serve(world, { port: server.address.port })).rejects.toMatchObject({
      kind: 'address-in-use',
    });
  });

  check('several workers answer on one address', async world => {
    await using server = await serve(world, { workers: 2 });
    for (let index = 0; index < 12; index++) {
      using talk = await dial(world, server.address);
      talk.say(request('/'));
      await talk.hears(/hello$/);
    }
    expect(server.counters().requests).toBe(12);
  });
}
