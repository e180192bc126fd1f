import type { Service, ServiceContext, ServiceDefinition } from '../../shared/appliance/service.ts';
import {
  openSelfSignedCertificate,
  type SelfSignedCertificate,
} from '../../shared/components/certificates/self-signed.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { Listener } from '../../shared/devices/tcp.ts';
import type { Site } from '../../shared/protocols/http/site.ts';
import { webServiceConfiguration, type WebServiceConfiguration } from './config.ts';
import { Connections } from './connections.ts';
import { createEvents } from './events.ts';
import { DRAIN_MAX_MS, IDLE_MAX_MS } from './limits.ts';
import { listen } from './listen.ts';
import { loadSite } from './load-site.ts';
import { keepRenewed } from './renewal.ts';
import { statusOf, urlsOf } from './status.ts';

export const webService: ServiceDefinition<WebServiceConfiguration> = {
  name: 'web-service',
  configuration: webServiceConfiguration,
  create: createWebService,
};

export type WebDevices = Pick<Devices, 'clock' | 'tcp' | 'tls' | 'keyValue' | 'content' | 'log' | 'metrics'>;

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
    async [Symbol.asyncDispose]() {
      await running?.stop();
    },
  };
}

/** What is there while the service serves. */
export interface Running {
  readonly site: Site;
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
  const site = await loadSite(sourceOf(config, devices, context), devices.clock.now());
  events.siteLoaded(site.resources.size, site.sizeBytes);
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
  const listeners = await listen(config, devices, { site, certificate, connections, events }).catch(
    (error: unknown) => {
      connections[Symbol.dispose]();
      throw error;
    },
  );
  events.listening(listeners.http.address, listeners.https.address);
  const renewal = keepRenewed(certificate, devices.clock, context.health, events);
  return {
    site,
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

function sourceOf(config: WebServiceConfiguration, devices: WebDevices, context: ServiceContext) {
  const named = config['site-folder'];
  return {
    content: devices.content,
    folder: named.startsWith('/') ? named : `${context.contentFolder}/${named}`,
    sizeMaxBytes: config['content-max-mib'] * 1024 * 1024,
  };
}

/** A certificate has to stand for something; without a name nobody can check more than that it is the same as before. */
function certificateNames({ names }: WebServiceConfiguration): readonly string[] {
  return names.length > 0 ? names : ['localhost', '127.0.0.1', '::1'];
}
