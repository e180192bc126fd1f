import type { Service, ServiceContext, ServiceDefinition } from '../../shared/appliance/service.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { Endpoint } from '../../shared/devices/tcp.ts';
import type { Datagram, UdpServer } from '../../shared/devices/udp.ts';
import { createStreamResponder } from '../../shared/protocols/dns/answer/stream-responder.ts';
import { urlHostOf } from '../../shared/protocols/ip/url-host.ts';
import { dnsServiceConfiguration, type DnsServiceConfiguration } from './config.ts';
import { countInMetrics } from './datagram-metrics.ts';
import { createEvents } from './events.ts';
import { STREAM_IDLE_MAX_MS } from './limits.ts';
import type { Handle } from './passed-on/handle.ts';
import { openPassedOn } from './passed-on/open-passed-on.ts';
import { addressBytes, StreamServer } from './passed-on/stream-server.ts';
import { DNS_PLANE } from './planes.ts';
import { QueryStatistics } from './query-statistics.ts';
import { statusOf } from './status.ts';
import { openZones, type ZoneDevices, type Zones } from './zones/zones.ts';

export const dnsService: ServiceDefinition<DnsServiceConfiguration> = {
  name: 'dns-service',
  configuration: dnsServiceConfiguration,
  create: createDnsService,
};

type DnsDevices = ZoneDevices & Pick<Devices, 'udp' | 'tcp' | 'log' | 'metrics'>;

/** Zones from their files, signed, over UDP and TCP. */
export function createDnsService(
  config: DnsServiceConfiguration,
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
    async [Symbol.asyncDispose]() {
      await running?.[Symbol.asyncDispose]();
    },
  };
}

/** What is there while the service serves. */
export interface Running extends AsyncDisposable {
  readonly zones: Zones;
  readonly udp: UdpServer;
  readonly streams: StreamServer;
  readonly queries: QueryStatistics;
}

async function startServing(
  config: DnsServiceConfiguration,
  devices: DnsDevices,
  { contentFolder, health, secret }: ServiceContext,
): Promise<Running> {
  await using undo = new AsyncDisposableStack();
  const events = createEvents(devices);
  const zones = undo.use(await openZones(config, devices, { contentFolder, events, health }));
  const passedOn = undo.use(await openPassedOn(config, { zones, events, health, secret, devices }));
  const udp = undo.use(await serveDatagrams(config, devices, { zones, handle: passedOn.handle }));
  zones.onChange(compiled => udp.share(compiled));
  const streams = undo.use(
    new StreamServer(
      {
        transport: 'tcp',
        max: config['connections-max'],
        perAddressMax: config['connections-per-address-max'],
        answer: streamAnswer(zones, passedOn.handle, devices),
      },
      devices.clock,
    ),
  );
  // The same one, where any free port was asked for.
  await streams.listen(udp.address, devices.tcp);
  const queries = new QueryStatistics(zones.counts, devices.metrics);
  undo.use(countInMetrics({ udp, streams, queries }, devices));
  events.listening(udp.address);
  // Secondaries that are told come at once.
  passedOn.begin();
  const parts = undo.move();
  return { zones, udp, streams, queries, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

async function serveDatagrams(
  { address, port }: DnsServiceConfiguration,
  { udp }: DnsDevices,
  { zones, handle }: { readonly zones: Zones; readonly handle: Handle },
): Promise<UdpServer> {
  const server: UdpServer = await udp.serve({
    host: address,
    port,
    plane: DNS_PLANE,
    shared: zones.compiled,
    onPassedOn: datagram => void answerDatagram(server, handle, datagram),
  });
  return server;
}

async function answerDatagram(server: UdpServer, handle: Handle, { bytes, source }: Datagram): Promise<void> {
  const replies = await handle(bytes, { source: addressBytes(source), transport: 'udp' });
  // An answer that cannot be sent is a lost datagram.
  for (const reply of replies) server.send(reply, source).catch(() => undefined);
}

function streamAnswer(zones: Zones, handle: Handle, { clock }: DnsDevices): Handle {
  const respond = createStreamResponder({ idleMs: STREAM_IDLE_MAX_MS });
  return (message, peer) => {
    const answer = respond(zones.compiled, { message, source: peer.source }, clock.now());
    if (answer === 'pass-on') return handle(message, peer);
    return answer === undefined ? [] : [answer];
  };
}

/** Where to ask. */
function urlOf({ host, port }: Endpoint): string {
  // RFC 4501 §3: the authority is the server.
  return `dns://${urlHostOf(host)}:${port}/`;
}
