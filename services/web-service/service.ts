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
import { certificatesWanted, type Configuration } from './certificates.ts';
import { sitesOf, webServiceConfiguration } from './config.ts';
import { Connections, type ConnectionCounts } from './connections.ts';
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
  const events = createEvents(devices);
  const sites = new Sites(sitesOf(config), devices);
  const releases = await openAllReleases(sites, { config, devices, context });
  const { addresses, secret, health } = context;
  const wanted = { ...certificatesWanted(config), addresses, secret };
  const certificates = await openCertificates(wanted, devices, health);
  const connections = new Connections(
    {
      max: config['connections-max'],
      perAddressMax: config['connections-per-address-max'],
      idleMaxMs: IDLE_MAX_MS,
    },
    devices.clock,
  );
  const backends = new Backends(sites.configurations, devices, context.health);
  const records = createRecords(siteNamesOf(sites), accessLogSettings(config), devices);
  const git = await openGitSources(sites.configurations, releases, devices, context);
  sites.place({ laterPaths: [...git.receivers.keys()] });
  const listeners = await listen(config, devices, {
    sites,
    later: createLater(sites, git.receivers, devices),
    certificates,
    connections,
    backends,
    records,
    events,
  }).catch(async (error: unknown) => {
    git[Symbol.dispose]();
    connections[Symbol.dispose]();
    await certificates[Symbol.asyncDispose]();
    throw error;
  });
  events.listening(listeners.http.address, listeners.https.address);
  const trusting = trustNames(sites, certificates);
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
      trusting[Symbol.dispose]();
      backends.drain();
      await Promise.all([listeners.close(), connections.drain(DRAIN_MAX_MS)]);
      backends[Symbol.dispose]();
      records[Symbol.dispose]();
      await certificates[Symbol.asyncDispose]();
    },
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
    const issued = certificates.status().filter(({ issuer }) => issuer !== 'self-signed');
    sites.place({ trustedNames: new Set(issued.flatMap(({ names }) => names)) });
  };
  tell();
  return certificates.subscribe(tell);
}
