import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createFakeClock, settle } from '../../appliance/testing/fakes.ts';
import { Collector, SlowContentError } from './content.ts';
import { COLLECT_MAX_BYTES, COLLECT_MAX_MS, COLLECT_TOTAL_MAX_BYTES } from './limits.ts';

const never = new AbortController().signal;

function setUp() {
  const clock = createFakeClock(0);
  return { clock, collector: new Collector(clock) };
}

describe('taking in the beginning of a content', () => {
  it('gives a short one whole', async () => {
    const { collector } = setUp();
    const content = new PassThrough();
    const collecting = collector.collect(content, never);
    content.write('hel');
    content.end('lo');
    using collected = await collecting;
    expect([collected.complete, collected.bytes]).toEqual([true, 5]);
    expect(Buffer.concat(collected.parts).toString()).toBe('hello');
  });

  it('stops at the limit, and leaves the rest for whoever reads on', async () => {
    const { collector } = setUp();
    const content = new PassThrough({ highWaterMark: 1 });
    const collecting = collector.collect(content, never);
    for (let written = 0; written < 3 * COLLECT_MAX_BYTES; written += 16_384)
      content.write(Buffer.alloc(16_384));
    content.end();
    using collected = await collecting;
    expect([collected.complete, collected.bytes]).toEqual([false, COLLECT_MAX_BYTES]);
    let rest = 0;
    for await (const part of content) rest += (part as Uint8Array).length;
    expect(rest).toBe(2 * COLLECT_MAX_BYTES);
  });

  it('gives up on one that trickles', async () => {
    const { collector, clock } = setUp();
    const content = new PassThrough();
    const failed = expect(collector.collect(content, never)).rejects.toThrow(SlowContentError);
    for (let elapsedMs = 0; elapsedMs < COLLECT_MAX_MS; elapsedMs += 1_000) {
      content.write('x');
      await clock.advance(1_000);
    }
    await failed;
  });

  it('ends when the client leaves', async () => {
    const { collector } = setUp();
    const leaving = new AbortController();
    const failed = expect(collector.collect(new PassThrough(), leaving.signal)).rejects.toThrow('left');
    leaving.abort(new Error('left'));
    await failed;
  });

  it('holds no more for all of them together than the limit, and room comes back', async () => {
    const { collector } = setUp();
    const most = COLLECT_TOTAL_MAX_BYTES / (COLLECT_MAX_BYTES - 1);
    const contents = Array.from({ length: Math.ceil(most) + 1 }, () => new PassThrough());
    const collecting = contents.map(content => collector.collect(content, never));
    for (const content of contents) content.write(Buffer.alloc(COLLECT_MAX_BYTES - 1));
    await settle();
    // The one that fills the common measure goes on as it is, and so does the next.
    const given = await Promise.all(collecting.slice(-2));
    expect(given.map(({ complete }) => complete)).toEqual([false, false]);
    for (const content of contents) content.end();
    for (const collected of await Promise.all(collecting)) collected[Symbol.dispose]();
    const content = new PassThrough();
    const again = collector.collect(content, never);
    content.end('x');
    expect((await again).complete).toBe(true);
  });
});
