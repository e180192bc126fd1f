import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { createForwardedMetrics, type ForwardedMetrics } from './forwarded-metrics.ts';
import { createHostDevices, type HostDevices } from './host-devices.ts';
import type { HostWorlds } from './host-worker.ts';
import {
  BEAT_MS,
  type RunnableService,
  type ServiceOrder,
  type ServiceReport,
  type ServiceShown,
  type ServiceWorkerData,
} from './service-messages.ts';

/** Makes the service that `workerData` names and carries out what the proxy on the other side orders. */
export function runServiceWorker(worlds: HostWorlds): void {
  assert(parentPort !== null, 'a service worker has a parent');
  const parent = parentPort;
  const world = open(parent, worlds);
  world.catch((error: unknown) => fail(parent, error));
  const stop = new AbortController();
  parent.on('message', (order: ServiceOrder) => {
    if (order.kind === 'abort') return stop.abort(new Error('the service is asked to stop'));
    const carryOut = order.kind === 'start' ? start : dispose;
    world
      .then(opened => carryOut(opened, parent, stop.signal))
      .catch((error: unknown) => fail(parent, error));
  });
}

interface OpenWorld {
  readonly service: RunnableService;
  readonly devices: HostDevices;
  readonly metrics: ForwardedMetrics;
}

async function open(parent: MessagePort, worlds: HostWorlds): Promise<OpenWorld> {
  const { entry, service: name, config, dataFolder, contentFolder } = workerData as ServiceWorkerData;
  const definition = worlds.services[name];
  assert(definition !== undefined, `there is no service called ${name}`);
  const report = (message: ServiceReport): void => parent.postMessage(message);
  // Events are written out by the main thread alone, in one order with its own.
  const metrics = createForwardedMetrics();
  const devices = await createHostDevices({ entry, dataFolder, ...worlds, logOutput: false, metrics });
  devices.addLogSink(record => report({ kind: 'log', record }));
  const health = {
    degrade: (key: string, reason: string) => report({ kind: 'degrade', key, reason }),
    recover: (key: string) => report({ kind: 'recover', key }),
  };
  const service = definition.create(config as never, devices, { health, contentFolder });
  return { service, devices, metrics };
}

async function start(world: OpenWorld, parent: MessagePort, signal: AbortSignal): Promise<void> {
  const { service } = world;
  const beat = setInterval(() => {
    sendMetrics(world, parent);
    send(parent, { kind: 'beat', shown: show(service) });
  }, BEAT_MS);
  parent.once('close', () => clearInterval(beat));
  await service.start(signal);
  sendMetrics(world, parent);
  send(parent, { kind: 'started', shown: show(service) });
}

async function dispose(world: OpenWorld, parent: MessagePort): Promise<void> {
  const { service, devices } = world;
  await service[Symbol.asyncDispose]();
  sendMetrics(world, parent);
  await devices[Symbol.asyncDispose]();
  send(parent, { kind: 'disposed' });
  parent.close();
}

function sendMetrics({ metrics }: OpenWorld, parent: MessagePort): void {
  const batch = metrics.takeBatch();
  if (batch !== undefined) send(parent, { kind: 'metrics', batch });
}

function show(service: RunnableService): ServiceShown {
  return { urls: service.urls(), status: service.status() };
}

function fail(parent: MessagePort, error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  send(parent, { kind: 'failed', name, message });
}

function send(parent: MessagePort, report: ServiceReport): void {
  parent.postMessage(report);
}
