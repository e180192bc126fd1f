import type { Certificates } from '../../shared/components/certificates/certificates.ts';
import { createFront } from '../../shared/components/front/front.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { Flow, Listener } from '../../shared/devices/tcp.ts';
import { answer } from '../../shared/protocols/http/site-table.ts';
import { claimsOf } from './claims.ts';
import type { Backends } from './backends.ts';
import { allNames, publicHttpsPort, type WebServiceConfiguration } from './config.ts';
import type { ConnectionCounts, Connections } from './connections.ts';
import type { Engine, EngineEvents, Handlers } from './engine.ts';
import type { Events, Protocol } from './events.ts';
import { createHttp1Engine } from './http1.ts';
import { createHttp2Engine } from './http2.ts';
import { plainAnswer } from './plain-answer.ts';
import type { Records } from './records/records.ts';
import { noteExchanges } from './records/running-exchange.ts';
import { countsOf, serveDirectly } from './serve-directly.ts';
import type { Sites } from './sites.ts';

export interface Served {
  readonly sites: Sites;
  readonly later: Handlers['later'];
  readonly certificates: Certificates;
  readonly connections: Connections;
  readonly backends: Backends;
  readonly records: Records;
  readonly events: Events;
}

export interface Listeners {
  readonly http: Listener;
  readonly https: Listener;
  /** Stops listening; from then on every exchange is the last of its connection. */
  close(): Promise<void>;
  /** Connections on both ports, whoever serves them. */
  counts(): ConnectionCounts;
}

type ListenDevices = Pick<Devices, 'clock' | 'tcp' | 'tls' | 'httpEngine'>;

/** Opens both ports, or neither. */
export async function listen(
  config: WebServiceConfiguration,
  devices: ListenDevices,
  served: Served,
): Promise<Listeners> {
  const host = config.address;
  const { sites, later, certificates, connections, backends, events } = served;
  const handlers: Handlers = {
    answer: request => answer(sites.table, request, devices.clock.now()),
    later,
    backendOf: request => backends.of(sites.table, request),
  };
  const eventsOf = (protocol: Protocol): EngineEvents => engineEvents(protocol, devices, served);
  // Where a site answers to any name, visitors keep the one they used.
  const names = config.names.length === 0 ? [] : allNames(config);
  // Known once the port is bound, and no visitor comes before.
  let httpsPort = publicHttpsPort(config);
  const http1 = createHttp1Engine(handlers, eventsOf('http/1.1'));
  const http2 = createHttp2Engine(handlers, eventsOf('h2'), { webSockets: !backends.isEmpty });
  const plain = createHttp1Engine(
    {
      answer: request => plainAnswer(request, certificates, { names, port: httpsPort }),
      later,
      backendOf: () => undefined,
    },
    eventsOf('http'),
  );
  const claims = claimsOf(config, certificates, { http1, http2, plain });
  const front = createFront(claims, devices, {
    refused: reason => events.connectionRefused(reason),
    fault: (owner, error) => events.connectionFailed(owner, error),
  });
  const onFlow = (flow: Flow): void => {
    const connection = connections.admit(flow);
    if (connection !== undefined) front.accept(flow, connection);
  };
  // Where the world has no engine of its own, everything goes the front's way.
  const engine = config.engine === 'direct' ? devices.httpEngine : undefined;
  const direct = engine === undefined ? undefined : await serveDirectly(engine, config, served, onFlow);
  const https = direct ?? (await devices.tcp.listen({ host, port: config['https-port'] }, onFlow));
  httpsPort = config['public-https-port'] ?? https.address.port;
  sites.place({ httpsPort });
  try {
    const http = await devices.tcp.listen({ host, port: config['http-port'] }, flow => {
      const connection = connections.admit(flow);
      if (connection !== undefined) plain.accept(flow, connection);
    });
    return {
      http,
      https,
      close: () => closeAll([http, https], [http1, http2, plain]),
      counts: () => countsOf(connections, direct),
    };
  } catch (error) {
    await https.close();
    throw error;
  }
}

function engineEvents(
  protocol: Protocol,
  { clock }: ListenDevices,
  { events, records }: Served,
): EngineEvents {
  return {
    begin: noteExchanges(protocol, clock, exchange => records.add(exchange)),
    malformed: () => events.malformed(protocol),
    failed: error => events.answerFailed(error),
  };
}

async function closeAll(listeners: readonly Listener[], engines: readonly Engine[]): Promise<void> {
  for (const engine of engines) engine.drain();
  await Promise.all(listeners.map(listener => listener.close()));
}
