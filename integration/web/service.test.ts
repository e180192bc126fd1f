import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { certificatesConfiguration } from '../../shared/components/certificates/configuration.ts';
import { openSelfSignedCertificate } from '../../shared/components/certificates/self-signed.ts';
import { describeService, type ServiceWorld } from '../../shared/compliance/service.ts';
import { decodeUtf8 } from '../../shared/base/bytes.ts';
import { createHostDevices, createServiceInWorker, type HostDevices } from '../../shared/host/devices.ts';
import { createHostKeyValue } from '../../shared/host/stores/key-value.ts';
import { webServiceConfiguration } from '../../services/web-service/config.ts';
import { webServiceJobs } from '../../services/web-service/jobs.ts';
import { webService } from '../../services/web-service/service.ts';

const ENTRY = new URL('worker-entry.ts', import.meta.url).href;
const CONFIG = {
  ...webServiceConfiguration.parse({
    names: ['localhost'],
    address: '127.0.0.1',
    'http-port': 0,
    'https-port': 0,
  }),
  certificates: certificatesConfiguration.parse({ ca: 'none' }),
};

type World = ServiceWorld & { readonly devices: HostDevices };

/** Devices and a site of one page; `create` makes the service of them, on one thread or another. */
async function makeWorld(
  create: (folder: string, devices: HostDevices) => Promise<ServiceWorld['service']>,
): Promise<World & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-web-service-'));
  await mkdir(join(folder, 'web-service/site'), { recursive: true });
  await writeFile(join(folder, 'web-service/site/index.html'), 'home');
  const devices = await createHostDevices({
    entry: ENTRY,
    dataFolder: join(folder, 'main'),
    planes: {},
    jobs: webServiceJobs,
    services: {},
    logOutput: { write: () => undefined },
  });
  return {
    service: await create(folder, devices),
    tcp: devices.tcp,
    clock: devices.clock,
    devices,
    async [Symbol.asyncDispose]() {
      await devices[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const health = { degrade: () => undefined, recover: () => undefined };

/** Fetches the start page with the certificate that the service shows, and trusts no other. */
async function probe(url: URL, world: ServiceWorld): Promise<void> {
  const { devices } = world as World;
  const refused = await devices.http.request({ method: 'GET', url }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ kind: 'not-trusted' });
  const flow = await devices.tcp.connect({ host: url.hostname, port: Number(url.port) });
  const shown = await devices.tls
    .client(flow, { serverName: 'localhost', pinnedSha256: '0'.repeat(64) })
    .catch((error: unknown) => error);
  const pinnedSha256 = /SHA-256 is ([0-9a-f]{64})/.exec((shown as Error).message)?.[1] ?? '';
  const response = await devices.http.request({ method: 'GET', url, pinnedSha256 });
  expect([response.status, decodeUtf8(response.body)]).toEqual([200, 'home']);
}

describeService(
  'web-service on the main thread',
  () =>
    makeWorld(async (folder, devices) =>
      webService.create(CONFIG, devices, { health, contentFolder: folder }),
    ),
  probe,
);

describeService(
  'web-service in a worker',
  () =>
    makeWorld(async (folder, { clock, log, metrics }) => {
      // Nearly every start finds a certificate; to make one takes a busy machine longer than a start may.
      const keyValue = await createHostKeyValue(join(folder, 'worker', 'kv'));
      await openSelfSignedCertificate(CONFIG.names, { keyValue, clock, log });
      return createServiceInWorker(ENTRY, 'web-service', CONFIG, {
        dataFolder: join(folder, 'worker'),
        world: { health, contentFolder: folder },
        metrics,
        onLog: () => undefined,
        onFault: error => {
          throw error;
        },
      });
    }),
  probe,
);
