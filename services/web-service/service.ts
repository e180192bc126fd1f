import type { Service, ServiceContext, ServiceDefinition } from '../../shared/appliance/service.ts';
import {
  openSelfSignedCertificate,
  type SelfSignedCertificate,
} from '../../shared/components/certificates/self-signed.ts';
import type { Releases } from '../../shared/components/releases/releases.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { Listener } from '../../shared/devices/tcp.ts';
import { allNames, sitesOf, webServiceConfiguration, type WebServiceConfiguration } from './config.ts';
import { Connections } from './connections.ts';
import { createEvents } from './events.ts';
import { DRAIN_MAX_MS, IDLE_MAX_MS } from './limits.ts';
import { createLater } from './later.ts';
import { listen } from './listen.ts';
import { openAllReleases } from './open-releases.ts';
import { keepRenewed } from './renewal.ts';
import { Sites } from './sites.ts';
import { statusOf, urlsOf } from './status.ts';

export const webService: ServiceDefinition<WebServiceConfiguration> = {
  name: 'web-service',
  configuration: webServiceConfiguration,
  create: createWebService,
};

export type WebDevices = Pick<
  Devices,
  'clock' | 'tcp' | 'tls' | 'keyValue' | 'files' | 'content' | 'jobs' | 'log' | 'metrics'
>;

/** A folder of files over HTTPS; plain HTTP sends visitors there. */
export function createWebService(
  config: WebServiceConfiguration,
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
  readonly certificate: SelfSignedCertificate;
  readonly connections: Connections;
  readonly http: Listener;
  readonly https: Listener;
  stop(): Promise<void>;
}

async function startServing(
  config: WebServiceConfiguration,
  devices: WebDevices,
  context: ServiceContext,
): Promise<Running> {
  const events = createEvents(devices);
  const sites = new Sites(sitesOf(config), devices);
  const releases = await openAllReleases(sites, { config, devices, context });
  const certificate = await openSelfSignedCertificate(certificateNames(config), devices);
  events.certificateMade(certificate.validUntilMs());
  const connections = new Connections(
    {
      max: config['connections-max'],
      perAddressMax: config['connections-per-address-max'],
      idleMaxMs: IDLE_MAX_MS,
    },
    devices.clock,
  );
  const listeners = await listen(config, devices, {
    sites,
    later: createLater(sites, new Map()),
    certificate,
    connections,
    events,
  }).catch((error: unknown) => {
    connections[Symbol.dispose]();
    throw error;
  });
  events.listening(listeners.http.address, listeners.https.address);
  const renewal = keepRenewed(certificate, devices.clock, context.health, events);
  return {
    sites,
    releases,
    certificate,
    connections,
    ...listeners,
    async stop() {
      renewal.cancel();
      await listeners.close();
      await connections.drain(DRAIN_MAX_MS);
    },
  };
}

/** A certificate has to stand for something; without a name nobody can check more than that it is the same as before. */
function certificateNames(config: WebServiceConfiguration): readonly string[] {
  const names = allNames(config);
  return names.length > 0 ? names : ['localhost', '127.0.0.1', '::1'];
}
