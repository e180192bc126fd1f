import type { Administration } from '../../shared/appliance/administration.ts';
import type { Service, ServiceContext, ServiceDefinition } from '../../shared/appliance/service.ts';
import { certificatesConfiguration } from '../../shared/components/certificates/configuration.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { Endpoint } from '../../shared/devices/tcp.ts';
import type { UdpServer } from '../../shared/devices/udp.ts';
import type { SignOnline } from '../../shared/protocols/dns/answer/compact-answers.ts';
import {
  createStreamResponder,
  type StreamTransport,
} from '../../shared/protocols/dns/answer/stream-responder.ts';
import { urlHostOf } from '../../shared/protocols/ip/url-host.ts';
import { dnsServiceConfiguration } from './config.ts';
import { countInMetrics } from './datagram-metrics.ts';
import { createEvents, type Events } from './events.ts';
import { STREAM_IDLE_MAX_MS } from './limits.ts';
import { zoneActions } from './operators/actions.ts';
import { recordsPage } from './operators/records-page.ts';
import { listenPlain } from './follow/listen-plain.ts';
import { openFollowing, type Following } from './follow/open-following.ts';
import type { Handle } from './passed-on/handle.ts';
import { serveDatagrams } from './passed-on/datagrams.ts';
import { openPassedOn } from './passed-on/open-passed-on.ts';
import { StreamServer } from './passed-on/stream-server.ts';
import { QueryStatistics } from './query-statistics.ts';
import { statusOf } from './status.ts';
import {
  openEncrypted,
  type Encrypted,
  type EncryptedConfiguration,
  type EncryptedDevices,
} from './transports/encrypted.ts';
import { ZoneReleases, type ZoneReleaseDevices } from './zones/zone-releases.ts';
import { OnlineSigning } from './zones/online-signing.ts';
import type { Pages } from './transports/pages.ts';
import { openZones, type ZoneDevices, type Zones } from './zones/zones.ts';

export const dnsService: ServiceDefinition<EncryptedConfiguration> = {
  name: 'dns-service',
  configuration: dnsServiceConfiguration,
  sharedTables: { certificates: certificatesConfiguration },
  create: createDnsService,
};

type DnsDevices = ZoneDevices &
  ZoneReleaseDevices &
  EncryptedDevices &
  Pick<Devices, 'udp' | 'tcp' | 'tls' | 'log' | 'metrics'>;

/** Zones from their files, signed, over UDP and TCP, and where the server has a name over TLS and HTTPS. */
export function createDnsService(
  config: EncryptedConfiguration,
  devices: DnsDevices,
  context: ServiceContext,
): Service {
  let running: Running | undefined;
  return {
    async start(signal) {
      signal.throwIfAborted();
      running = await startServing(config, devices, context);
      if (!signal.aborted) return;
      await running[Symbol.asyncDispose]();
      signal.throwIfAborted();
    },
    urls: () => (running === undefined ? [] : [urlOf(running.udp.address)]),
    status: () => (running === undefined ? [] : statusOf(running)),
    releases: () => running?.files.releases ?? [],
    administration: () => running?.administration,
    async [Symbol.asyncDispose]() {
      await running?.[Symbol.asyncDispose]();
    },
  };
}

/** What is there while the service serves. */
export interface Running extends AsyncDisposable {
  readonly zones: Zones;
  readonly files: ZoneReleases;
  readonly udp: UdpServer;
  readonly streams: StreamServer;
  readonly queries: QueryStatistics;
  readonly encrypted: Encrypted | undefined;
  readonly administration: Administration;
  readonly following: Following;
}

async function startServing(
  config: EncryptedConfiguration,
  devices: DnsDevices,
  context: ServiceContext,
): Promise<Running> {
  await using undo = new AsyncDisposableStack();
  const { health, secret } = context;
  const events = createEvents(devices);
  const files = undo.use(await ZoneReleases.open(config, devices, { ...context, events }));
  const zones = undo.use(await openZones(config, devices, { read: files.read, events, health }));
  const { sign } = new OnlineSigning(zones.list, devices.clock);
  const passedOn = undo.use(await openPassedOn(config, { zones, sign, events, health, secret, devices }));
  const datagrams = {
    endpoint: { host: config.address, port: config.port },
    compiled: zones.compiled,
    handle: passedOn.handle,
    events,
  };
  const udp = undo.use(await serveDatagrams(datagrams, devices));
  zones.onChange(compiled => udp.share(compiled));
  const answer = streamAnswer({ zones, sign, handle: passedOn.handle }, devices);
  const streams = undo.use(
    new StreamServer(
      {
        transport: 'tcp',
        max: config['connections-max'],
        perAddressMax: config['connections-per-address-max'],
        answer: answer('tcp'),
      },
      devices.clock,
    ),
  );
  // The same one, where any free port was asked for.
  await streams.listen(udp.address, devices.tcp);
  const queries = new QueryStatistics(zones.counts, devices.metrics);
  events.listening(udp.address);
  // Secondaries that are told come at once.
  passedOn.begin();
  await files.follow(() => zones.list, devices);
  const following = undo.use(await openFollowing(config, { zones: zones.list, events, context, devices }));
  const pages = pagesOf(following);
  const plainPort = config['update-http-port'];
  if (pages !== undefined && plainPort !== undefined)
    undo.use(await serveReportsPlain({ host: config.address, port: plainPort }, pages, { events, devices }));
  const answering = { zones: zones.list, plain: udp.address, answer, events, pages };
  const encrypted = await openEncrypted(config, answering, devices, context);
  if (encrypted !== undefined) undo.use(encrypted);
  const byTransport = { tcp: streams, tls: encrypted?.tls, https: encrypted?.https };
  undo.use(countInMetrics({ udp, streams: byTransport, queries }, devices));
  const parts = undo.move();
  return {
    zones,
    files,
    udp,
    streams,
    queries,
    encrypted,
    administration: { actions: zoneActions(zones, events), pages: { records: recordsPage(zones) } },
    following,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function streamAnswer(
  { zones, sign, handle }: { readonly zones: Zones; readonly sign: SignOnline; readonly handle: Handle },
  { clock }: DnsDevices,
): (transport: StreamTransport) => Handle {
  const respond = createStreamResponder({ idleMs: STREAM_IDLE_MAX_MS, sign });
  return transport => (message, peer) => {
    const answer = respond(zones.compiled, { message, source: peer.source, transport }, clock.now());
    if (answer === 'pass-on') return handle(message, peer);
    return answer === undefined ? [] : [answer];
  };
}

function pagesOf({ reports }: Following): Pages | undefined {
  return reports === undefined ? undefined : (request, client) => reports.answer(request, client);
}

/** To routers that speak no HTTPS, where the owner wants it. */
async function serveReportsPlain(
  endpoint: Endpoint,
  pages: Pages,
  { events, devices }: { readonly events: Events; readonly devices: DnsDevices },
): Promise<StreamServer> {
  const onFault = (error: unknown): void => events.fault('HTTP', error);
  const server = await listenPlain(endpoint, { pages, onFault }, devices);
  events.listeningForReports(server.address ?? endpoint);
  return server;
}

/** Where to ask. */
function urlOf({ host, port }: Endpoint): string {
  // RFC 4501 §3: the authority is the server.
  return `dns://${urlHostOf(host)}:${port}/`;
}
