import { expect, it } from 'vitest';
import { decodeUtf8 } from '../base/bytes.ts';
import type { LogSink } from '../devices/log.ts';
import { salvage } from './configuration/schema.ts';
import { startObservation } from './observation.ts';
import type { ApplianceDevices } from './run-options.ts';
import { startDiskWatch } from './status/disk-watch.ts';
import { createFakeClock, createMemoryFiles } from './testing/fakes.ts';

const HOUR = 3_600_000;
const HOOKS = [
  { url: 'https://hooks.example.net/all' },
  { url: 'https://hooks.example.net/some', on: ['disk', 'renewal'] },
];

/** Two web hooks, one for everything and one that chose its kinds, with all they were told. */
async function setUp() {
  const clock = createFakeClock(1_790_000_000_000);
  const files = createMemoryFiles();
  const told: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
  const devices: Partial<ApplianceDevices> = {
    clock,
    files,
    log,
    random: { bytes: count => new Uint8Array(count) },
    addLogSink: (_sink: LogSink) => ({ [Symbol.dispose]() {} }),
    http: {
      async request({ url, body = new Uint8Array() }) {
        const { event, condition, reason } = JSON.parse(decodeUtf8(body)) as Record<string, string>;
        told.push(`${url.pathname} ${event} ${condition}: ${reason}`);
        return { status: 204, headers: {}, body: new Uint8Array() };
      },
    },
  };
  const configuration = salvage({ alerts: HOOKS });
  const identity = { hostname: 'hearth', service: 'demo-service' };
  const observation = await startObservation(devices as ApplianceDevices, configuration, identity);
  return { clock, files, told, observation };
}

it('tells a web hook the kinds of trouble that it chose', async () => {
  const { clock, told, observation } = await setUp();
  observation.health.degrade('dns', 'no answer');
  observation.health.degrade('renewal-certificate', 'the volume is full');
  await clock.advance(60_000);
  observation.health.recover('renewal-certificate');
  await clock.advance(60_000);
  expect(told.toSorted()).toEqual([
    '/all degraded dns: no answer',
    '/all recovered renewal-certificate: the volume is full',
    '/all renewal renewal-certificate: the volume is full',
    '/some renewal renewal-certificate: the volume is full',
  ]);
  await observation[Symbol.asyncDispose]();
});

it('tells days ahead that the disk will be full, and when there is room again', async () => {
  const { clock, files, told, observation } = await setUp();
  let freeBytes = 1e9;
  const space = async () => ({ freeBytes, totalBytes: 2e9 });
  using _watch = startDiskWatch({ clock, files: { ...files, space }, health: observation.health });
  for (let hour = 0; hour < 24; hour++) {
    await clock.advance(HOUR);
    freeBytes -= 1e7;
  }
  // 10 MB an hour with 950 MB left when the trend is first clear, six hours after the start: four days.
  expect(told).toHaveLength(2);
  for (const text of told)
    expect(text).toMatch(/^\/(all|some) disk disk: At this rate the data volume is full in 4 days$/);
  freeBytes = 1.9e9;
  for (let hour = 0; hour < 24; hour++) await clock.advance(HOUR);
  expect(told.slice(2)).toEqual([expect.stringMatching(/^\/all recovered disk: /)]);
  await observation[Symbol.asyncDispose]();
});
