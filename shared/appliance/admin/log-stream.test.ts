import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createLogRing } from '../logs/ring.ts';
import { createFakeClock } from '../testing/fakes.ts';
import { createLogStreams } from './log-stream.ts';

it('writes nothing behind the end of a stream that is closed', async () => {
  const clock = createFakeClock(0);
  const ring = createLogRing(clock, { fullAddressesMs: () => 0 });
  const streams = createLogStreams(ring, clock);
  const response = new PassThrough();
  const errors: unknown[] = [];
  response.on('error', error => errors.push(error));
  expect(streams.begin(response as unknown as ServerResponse, 0)).toBe(true);
  streams.closeAll();
  ring.sink({ timeMs: 0, level: 'info', message: 'stopped', fields: {} });
  await clock.advance(60_000);
  expect(errors).toEqual([]);
  expect(response.read()?.toString()).not.toContain('stopped');
});
