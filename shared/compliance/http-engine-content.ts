import { expect } from 'vitest';
import { encodeUtf8 } from '../base/bytes.ts';
import type { HttpServeOptions } from '../devices/http-engine.ts';
import { dial, later, LIMITS, request, serve, type HttpCheck } from './http-conversation.ts';

/** Answers with what it got. */
const echo: NonNullable<HttpServeOptions['onLater']> = (asked, content, client) =>
  Promise.resolve({
    status: 200,
    fields: [],
    body: [content, encodeUtf8(` by ${asked.method} ${String(asked.fields['x'])} from ${client}`)],
  });

export function describeHttpContent(check: HttpCheck): void {
  check('for the main thread, by its length or in chunks', async world => {
    await using server = await serve(world, { onLater: echo });
    using talk = await dial(world, server.address);
    talk.say(request('/later', 'X: 1\r\nContent-Length: 4\r\n', 'POST'));
    talk.say('four');
    await talk.hears(new RegExp(`four by POST 1 from ${world.address.includes(':') ? '' : '127.0.0.1'}`));
    talk.say(
      `${request('/later', 'X: 2\r\nTransfer-Encoding: chunked\r\n', 'PUT')}3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n`,
    );
    await talk.hears(/abcd by PUT 2/);
    expect(server.counters().later).toBe(2);
  });

  check('after 100, where a client waits for it (RFC 9110 §10.1.1)', async world => {
    await using server = await serve(world, { onLater: echo });
    using talk = await dial(world, server.address);
    talk.say(request('/later', 'Expect: 100-continue\r\nContent-Length: 4\r\n', 'POST'));
    await talk.hears(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    talk.say('four');
    await talk.hears(/four by POST/);
  });

  check('none, where a client waits for 100 and its answer is there already', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    talk.say(request('/', 'Expect: 100-continue\r\nContent-Length: 4\r\n', 'POST'));
    expect(await talk.ends()).toMatch(/^HTTP\/1\.1 200 [^]*connection: close\r\n[^]*hello$/i);
  });

  check('up to the limit, which is 413', async world => {
    await using server = await serve(world, { onLater: echo });
    using told = await dial(world, server.address);
    told.say(request('/later', `Content-Length: ${LIMITS.contentBytes + 1}\r\n`, 'POST'));
    expect(await told.ends()).toMatch(/^HTTP\/1\.1 413 /);
    using untold = await dial(world, server.address);
    untold.say(request('/later', 'Transfer-Encoding: chunked\r\n', 'POST'));
    untold.say(`${(LIMITS.contentBytes + 1).toString(16)}\r\n${'a'.repeat(LIMITS.contentBytes + 1)}`);
    expect(await untold.ends()).toMatch(/^HTTP\/1\.1 413 /);
    expect(server.counters().later).toBe(0);
  });

  check('that nobody reads, and goes on behind it', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    const size = LIMITS.discardBytes;
    talk.say(
      `${request('/', `Content-Length: ${size}\r\n`, 'POST')}${'G'.repeat(size)}${request('/absent')}`,
    );
    await talk.hears(/hello[^]*404[^]*\r\n\r\n$/);
  });

  check('that nobody reads only up to the limit', async world => {
    await using server = await serve(world);
    using talk = await dial(world, server.address);
    talk.say(request('/', `Content-Length: ${LIMITS.discardBytes + 1}\r\n`, 'POST') + request('/absent'));
    expect(await talk.ends()).toMatch(/connection: close\r\n[^]*hello$/i);
  });

  check('where the main thread fails: 500, and the connection goes on', async world => {
    await using server = await serve(world, { onLater: () => Promise.reject(new Error('a planned fault')) });
    using talk = await dial(world, server.address);
    talk.say(request('/later') + request('/'));
    await talk.hears(/^HTTP\/1\.1 500 [^]*hello$/);
  });

  check('where the client goes away meanwhile', async world => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    await using server = await serve(world, {
      async onLater() {
        asked.resolve();
        await answer.promise;
        return later('too late');
      },
    });
    const gone = await dial(world, server.address);
    gone.say(request('/later'));
    await asked.promise;
    gone[Symbol.dispose]();
    await world.clock.sleep(20);
    answer.resolve();
    using talk = await dial(world, server.address);
    talk.say(request('/'));
    await talk.hears(/hello$/);
  });
}
