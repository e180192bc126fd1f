/** The web service alone in a process of its own, so that a test can see whether it lives. Speaks with server.ts by IPC. */
import { createHostDevices } from '../../shared/host/devices.ts';
import { certificatesConfiguration } from '../../shared/components/certificates/configuration.ts';
import { webServiceConfiguration } from '../../services/web-service/config.ts';
import { webServicePlanes } from '../../services/web-service/http-planes.ts';
import { webServiceJobs } from '../../services/web-service/jobs.ts';
import { webService } from '../../services/web-service/service.ts';
import type { ServerOptions, ServerReport } from './server.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as ServerOptions;
const devices = await createHostDevices({
  entry: new URL('worker-entry.ts', import.meta.url).href,
  dataFolder: options.dataFolder,
  planes: {},
  httpPlanes: webServicePlanes,
  jobs: webServiceJobs,
  services: {},
  logOutput: { write: () => undefined },
});
const { certificates, ...own } = options.configuration ?? {};
const config = webServiceConfiguration.parse({
  address: '127.0.0.1',
  'http-port': 0,
  'https-port': 0,
  ...own,
});

const faults = new Map<string, string>();
const tables = { certificates: certificatesConfiguration.parse(certificates ?? { ca: 'none' }) };
const service = webService.create({ ...config, ...tables }, devices, {
  contentFolder: options.contentFolder,
  health: {
    degrade: (key, reason) => void faults.set(key, reason),
    recover: key => void faults.delete(key),
  },
});
const listened: number[] = [];
devices.addLogSink(({ fields }) => {
  for (const endpoint of [fields['http'], fields['https']] as ({ port: number } | undefined)[])
    if (endpoint !== undefined) listened.push(endpoint.port);
});

process.on('message', message => {
  if (message === 'report') report();
  if (message === 'stop') void stop();
});

function report(): void {
  const [httpPort = 0, httpsPort = 0] = listened;
  const status = Object.fromEntries(service.status().flatMap(section => section.rows));
  process.send?.({
    httpPort,
    httpsPort,
    status,
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
  } satisfies ServerReport);
}

async function stop(): Promise<void> {
  const begun = performance.now();
  await service[Symbol.asyncDispose]();
  await devices[Symbol.asyncDispose]();
  process.send?.({ stoppedAfterMs: performance.now() - begun });
  process.disconnect?.();
}

try {
  await service.start(new AbortController().signal);
  report();
} catch (error) {
  process.send?.({ failure: (error as Error).message });
  process.disconnect?.();
}
