import type { Service, ServiceContext, ServiceDefinition } from '../../shared/appliance/service.ts';
import {
  openCertificates,
  type CertificateDevices,
  type Certificates,
} from '../../shared/components/certificates/certificates.ts';
import { certificatesConfiguration } from '../../shared/components/certificates/configuration.ts';
import type { Releases } from '../../shared/components/releases/releases.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { Listener } from '../../shared/devices/tcp.ts';
import { Backends } from './backends.ts';
import { certificatesWanted, isTrusted, type Configuration } from './certificates.ts';
import { publicHttpsPort, sitesOf, webServiceConfiguration } from './config.ts';
import { Connections, type ConnectionCounts, type ConnectionLimits } from './connections.ts';
import { createEvents } from './events.ts';
import { DRAIN_MAX_MS, IDLE_MAX_MS } from './limits.ts';
import { openGitSources, type GitSources } from './git-sources.ts';
import { createLater } from './later.ts';
import { listen } from './listen.ts';
import { openAllReleases } from './open-releases.ts';
import type { AccessLogSettings } from './records/access-log.ts';
import { createRecords, type Records } from './records/records.ts';
import { Sites } from './sites.ts';
import { statusOf, urlsOf } from './status.ts';

export const webService: ServiceDefinition<Configuration> = {
  name: 'web-service',
  configuration: webServiceConfiguration,
  sharedTables: { certificates: certificatesConfiguration },
  create: createWebService,
};

export type WebDevices = Pick<
  Devices,
  'tcp' | 'tls' | 'httpEngine' | 'files' | 'content' | 'jobs' | 'secureRandom'
> &
  CertificateDevices;

/** A folder of files over HTTPS; plain HTTP sends visitors there. */
export function createWebService(
  config: Configuration,
  devices: WebDevices,
  context: ServiceContext,
): Service {
  let running: Running | undefined;
  return {
    async start(signal) {
      signal.throwIfAborted();
      running = await startServing(config, devices, context);
      if (!signal.aborted) return;
      await running.stop();
      signal.throwIfAborted();
    },
    urls: () => (running === undefined ? [] : urlsOf(config, running.https.address)),
    status: () => (running === undefined ? [] : statusOf(running)),
    releases: () => running?.releases ?? [],
    async [Symbol.asyncDispose]() {
      await running?.stop();
    },
  };
}

/** What is there while the service serves. */
export interface Running {
  readonly sites: Sites;
  readonly releases: readonly Releases[];
  readonly git: GitSources;
  readonly certificates: Certificates;
  readonly backends: Backends;
  readonly records: Records;
  counts(): ConnectionCounts;
  readonly http: Listener;
  readonly https: Listener;
  stop(): Promise<void>;
}

async function startServing(
  config: Configuration,
  devices: WebDevices,
  context: ServiceContext,
): Promise<Running> {
  await using undo = new AsyncDisposableStack();
  const events = createEvents(devices);
  const sites = new Sites(sitesOf(config), devices);
  const releases = await openAllReleases(sites, { config, devices, context });
  const { addresses, secret, health } = context;
  const wanted = { ...certificatesWanted(config), addresses, secret };
  const certificates = undo.use(await openCertificates(wanted, devices, health));
  const connections = undo.use(new Connections(connectionLimitsOf(config), devices.clock));
  const records = undo.use(createRecords(siteNamesOf(sites), accessLogSettings(config), devices));
  const backends = undo.use(new Backends(sites.configurations, devices, health));
  const git = undo.use(await openGitSources(sites.configurations, releases, devices, context));
  // Before anybody serves: each change after that is sent to the engine's thread.
  sites.place({ httpsPort: publicHttpsPort(config), laterPaths: [...git.receivers.keys()] });
  undo.use(trustNames(sites, certificates));
  const listeners = await listen(config, devices, {
    sites,
    later: createLater(sites, git.receivers, devices, error => events.answerFailed(error)),
    certificates,
    connections,
    backends,
    records,
    events,
  });
  events.listening(listeners.http.address, listeners.https.address);
  const parts = undo.move();
  return {
    sites,
    releases,
    git,
    certificates,
    backends,
    records,
    ...listeners,
    async stop() {
      git[Symbol.dispose]();
      backends.drain();
      await Promise.all([listeners.close(), connections.drain(DRAIN_MAX_MS)]);
      await parts.disposeAsync();
    },
  };
}

function connectionLimitsOf(config: Configuration): ConnectionLimits {
  return {
    max: config['connections-max'],
    perAddressMax: config['connections-per-address-max'],
    idleMaxMs: IDLE_MAX_MS,
  };
}

/** What the sites are called in log, metrics and status page. */
function siteNamesOf({ configurations }: Sites): readonly string[] {
  return configurations.map(({ names }) => names[0] ?? 'any name');
}

function accessLogSettings(config: Configuration): AccessLogSettings {
  return { level: config['access-log'], bytesPerDay: config['access-log-mib-per-day'] * 2 ** 20 };
}

/** Tells the sites which names an authority vouches for, now and whenever that changes. */
function trustNames(sites: Sites, certificates: Certificates): Disposable {
  const tell = (): void => {
    const trusted = certificates.status().filter(({ issuer }) => isTrusted(issuer));
    sites.place({ trustedNames: new Set(trusted.flatMap(({ names }) => names)) });
  };
  tell();
  return certificates.subscribe(tell);
}
