import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countingService } from '../compliance/counting-service.ts';
import { complianceWorlds } from '../../integration/host/compliance-entry.ts';
import { describeService, describeSurroundings, tell, type CountingWorld } from '../compliance/service.ts';
import { until } from '../compliance/waiting.ts';
import type { LogRecord } from '../devices/log.ts';
import { createHostDevices, createServiceInWorker, type HostDevices } from './devices.ts';

const entry = new URL('../../integration/host/compliance-entry.ts', import.meta.url).href;

interface Surroundings extends AsyncDisposable {
  readonly devices: HostDevices;
  readonly folder: string;
  readonly logged: LogRecord[];
  readonly healthEvents: string[];
  readonly faults: Error[];
  readonly context: {
    readonly health: { degrade(key: string, reason: string): void; recover(key: string): void };
    readonly contentFolder: string;
  };
}

async function surroundings(): Promise<Surroundings> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-service-'));
  const dataFolder = join(folder, 'main');
  const devices = await createHostDevices({ entry, dataFolder, ...complianceWorlds, logOutput: false });
  const logged: LogRecord[] = [];
  const healthEvents: string[] = [];
  devices.addLogSink(record => void logged.push(record));
  const health = {
    degrade: (key: string, reason: string) => void healthEvents.push(`+${key} ${reason}`),
    recover: (key: string) => void healthEvents.push(`-${key}`),
  };
  return {
    devices,
    folder,
    logged,
    healthEvents,
    faults: [],
    context: { health, contentFolder: folder },
    async [Symbol.asyncDispose]() {
      await devices[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Form = (greeting: string) => Promise<CountingWorld & Surroundings>;

const onThisThread: Form = async greeting => {
  const around = await surroundings();
  const service = countingService.create({ host: '127.0.0.1', greeting }, around.devices, around.context);
  const { tcp, clock, metrics } = around.devices;
  return { ...around, service, tcp, clock, metrics };
};

const inWorker: Form = async greeting => {
  const around = await surroundings();
  const config = { host: '127.0.0.1', greeting };
  const service = createServiceInWorker(entry, 'counting-service', config, {
    dataFolder: join(around.folder, 'worker'),
    world: around.context,
    metrics: around.devices.metrics,
    onLog: record => void around.logged.push(record),
    onFault: error => void around.faults.push(error),
    resourceLimits: { maxOldGenerationSizeMb: 64 },
    silenceMaxMs: 3_000,
  });
  const { tcp, clock, metrics } = around.devices;
  return { ...around, service, tcp, clock, metrics };
};

for (const [name, make] of [
  ['a service on this thread', onThisThread],
  ['a service in a worker', inWorker],
] as const) {
  describeService(
    name,
    () => make('hello'),
    async (_url, world) => {
      expect(await tell(world, 'count')).toBe('hello 1');
    },
  );
  describeSurroundings(name, make);
}

describe('a service in a worker breaks down', () => {
  it('by an exception: this thread hears of it and goes on', async () => {
    await using world = await inWorker('hello');
    await world.service.start(new AbortController().signal);
    await tell(world, 'throw');
    await until(world.clock, 'the fault', () => world.faults.length === 1);
    expect(world.faults[0]?.message).toContain('thrown on request');
    await world.service[Symbol.asyncDispose]();
  });

  it('by a loop without end: it is ended', { timeout: 20_000 }, async () => {
    await using world = await inWorker('hello');
    await world.service.start(new AbortController().signal);
    const spinning = tell(world, 'spin');
    spinning.catch(() => undefined);
    // Three seconds of silence, on a machine that may be busy with much else.
    for (let turn = 0; turn < 150 && world.faults.length === 0; turn++) await world.clock.sleep(100);
    expect(world.faults[0]?.message).toContain('its loop is blocked');
    await world.service[Symbol.asyncDispose]();
  });
});
