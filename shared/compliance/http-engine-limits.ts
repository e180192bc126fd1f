import { expect } from 'vitest';
import { dial, later, LIMITS, request, serve, type HttpCheck } from './http-conversation.ts';
import { until } from './waiting.ts';

export function describeHttpLimits(check: HttpCheck): void {
  check('whoever is idle for longest makes room', async world => {
    await using server = await serve(world, { limits: { ...LIMITS, connectionsPerAddressMax: 2 } });
    using first = await dial(world, server.address);
    first.say(request('/'));
    await first.hears(/hello$/);
    using second = await dial(world, server.address);
    second.say(request('/'));
    await second.hears(/hello$/);
    first.say(request('/'));
    await first.hears(/hello[^]*hello$/);
    using third = await dial(world, server.address);
    third.say(request('/'));
    await third.hears(/hello$/);
    await second.ends();
    first.say(request('/'));
    await first.hears(/hello[^]*hello[^]*hello$/);
    expect(server.counters()).toMatchObject({ accepted: 3, evicted: 1, requests: 5 });
  });

  check('a running exchange does not make room', async world => {
    const answer = Promise.withResolvers<void>();
    await using server = await serve(world, {
      limits: { ...LIMITS, connectionsMax: 1 },
      onLater: () => answer.promise.then(() => later('kept')),
    });
    using busy = await dial(world, server.address);
    busy.say(request('/later'));
    await until(world.clock, 'the request', () => server.counters().later === 1);
    using other = await dial(world, server.address);
    other.say(request('/'));
    expect(await other.ends()).toBe('');
    answer.resolve();
    await busy.hears(/kept$/);
    expect(server.counters().refused).toBe(1);
  });

  check('a connection without a request, and one whose request trickles in, end', async world => {
    await using server = await serve(world, { limits: { ...LIMITS, idleMs: 300 } });
    using idle = await dial(world, server.address);
    using slow = await dial(world, server.address);
    slow.say('GET / HTTP/1.1\r\n');
    const dripping = new AbortController();
    const drip = (async () => {
      while (!dripping.signal.aborted && !slow.flow.destroyed) {
        slow.say('a: b\r\n');
        await world.clock.sleep(400);
      }
    })();
    expect(await idle.ends()).toBe('');
    await slow.ends();
    dripping.abort();
    await drip;
    // Another thread counts, after it has closed the connection.
    await until(world.clock, 'the counts', () => server.counters().expired === 2);
  });

  check('a client that takes nothing of its answer ends', async world => {
    await using server = await serve(world, { limits: { ...LIMITS, stallMs: 300 } });
    using talk = await dial(world, server.address);
    talk.flow.pause();
    talk.say(request('/big'));
    await until(world.clock, 'the end', () => server.counters().expired === 1);
    expect(server.counters().open).toBe(0);
  });
}
