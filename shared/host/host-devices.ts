import { join } from 'node:path';
import type { Devices } from '../devices/devices.ts';
import type { LogLevel, LogSink } from '../devices/log.ts';
import type { Metrics } from '../devices/metrics.ts';
import { createAddressLookup } from './address-lookup.ts';
import { createHostClock } from './clock.ts';
import { createHostContent } from './content.ts';
import type { HostWorlds } from './host-worker.ts';
import { createHostHttpEngine } from './http-engine/http-engine.ts';
import { createHostHttp } from './http.ts';
import { createHostJobs } from './jobs.ts';
import { createHostLog, type HostLogOptions } from './log.ts';
import { createHostMetrics } from './metrics.ts';
import { createHostRandom } from './random.ts';
import { createHostResolver } from './resolver.ts';
import { openHostDatabase } from './stores/database.ts';
import { createHostFiles } from './stores/files.ts';
import { createHostKeyValue } from './stores/key-value.ts';
import { createHostTcp } from './tcp.ts';
import { createHostTls } from './tls.ts';
import { createHostUdp } from './udp.ts';

/** Every device on this host. Disposing ends the workers; flows and stores end with whoever opened them. */
export type HostDevices = Devices &
  AsyncDisposable & {
    /** The sink gets every event from now on, until the result is disposed. */
    addLogSink(sink: LogSink): Disposable;
  };

export interface HostDevicesOptions extends HostWorlds {
  /** `import.meta.url` of the composition root, whose first act is `runHostWorker`. */
  readonly entry: string;
  /** Made where it is absent; nobody else may use it meanwhile. */
  readonly dataFolder: string;
  readonly logOutput?: NonNullable<HostLogOptions['output']>;
  readonly logLevel?: LogLevel;
  /** A worker's, which tell another thread. The default is a registry of their own. */
  readonly metrics?: Metrics;
}

/** @throws DeviceError `permission-denied` or `failed` where the data folder cannot be used. */
export async function createHostDevices(options: HostDevicesOptions): Promise<HostDevices> {
  const { dataFolder, planes, httpPlanes } = options;
  const entry = new URL(options.entry);
  const random = createHostRandom();
  const resolver = createHostResolver({ random });
  const log = createHostLog({
    ...(options.logOutput === undefined ? {} : { output: options.logOutput }),
    ...(options.logLevel === undefined ? {} : { level: options.logLevel }),
  });
  const tcp = createHostTcp(createAddressLookup(resolver));
  const tls = createHostTls();
  const httpEngine =
    httpPlanes === undefined ? undefined : createHostHttpEngine({ entry, planes: httpPlanes, log });
  const jobs = createHostJobs({ entry, jobs: options.jobs });
  return {
    clock: createHostClock(),
    random,
    secureRandom: random,
    tcp,
    udp: createHostUdp({ entry, planes, log }),
    tls,
    keyValue: await createHostKeyValue(join(dataFolder, 'kv')),
    files: await createHostFiles(join(dataFolder, 'files')),
    content: createHostContent(),
    openDatabase: name => openHostDatabase(join(dataFolder, 'db', `${name}.sqlite`), { entry }),
    resolver,
    http: createHostHttp({ tcp, tls }),
    ...(httpEngine === undefined ? {} : { httpEngine }),
    jobs,
    log,
    metrics: options.metrics ?? createHostMetrics(),
    addLogSink: log.addLogSink,
    [Symbol.asyncDispose]: () => jobs[Symbol.asyncDispose](),
  };
}
