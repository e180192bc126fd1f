import type { SelfSignedCertificate } from '../../shared/components/certificates/self-signed.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { Flow, Listener } from '../../shared/devices/tcp.ts';
import { redirectToHttps } from '../../shared/protocols/http/redirect-to-https.ts';
import { answer } from '../../shared/protocols/http/site-table.ts';
import { allNames, type WebServiceConfiguration } from './config.ts';
import type { Connection, Connections } from './connections.ts';
import type { Engine, EngineEvents, Handlers } from './engine.ts';
import type { Events, Protocol } from './events.ts';
import { createHttp1Engine } from './http1.ts';
import { createHttp2Engine } from './http2.ts';
import { HANDSHAKE_MAX_MS } from './limits.ts';
import type { Sites } from './sites.ts';

export interface Served {
  readonly sites: Sites;
  readonly later: Handlers['later'];
  readonly certificate: SelfSignedCertificate;
  readonly connections: Connections;
  readonly events: Events;
}

export interface Listeners {
  readonly http: Listener;
  readonly https: Listener;
  /** Stops listening; from then on every exchange is the last of its connection. */
  close(): Promise<void>;
}

type ListenDevices = Pick<Devices, 'clock' | 'tcp' | 'tls'>;

/** Opens both ports, or neither. */
export async function listen(
  config: WebServiceConfiguration,
  devices: ListenDevices,
  served: Served,
): Promise<Listeners> {
  const host = config.address;
  const { sites, later } = served;
  const handlers: Handlers = {
    answer: request => answer(sites.table, request, devices.clock.now()),
    later,
  };
  const http1 = createHttp1Engine(handlers, engineEvents(served.events, 'http/1.1'));
  const http2 = createHttp2Engine(handlers, engineEvents(served.events, 'h2'));
  const secure = securer(devices, served);
  const https = await devices.tcp.listen({ host, port: config['https-port'] }, flow =>
    secure(flow, protocol => (protocol === 'h2' ? http2 : http1)),
  );
  const httpsPort = config['public-https-port'] ?? https.address.port;
  sites.place({ httpsPort });
  // Where a site answers to any name, visitors keep the one they used.
  const place = { names: config.names.length === 0 ? [] : allNames(config), port: httpsPort };
  const redirects = createHttp1Engine(
    { answer: request => redirectToHttps(request, place), later },
    engineEvents(served.events, 'http'),
  );
  try {
    const http = await devices.tcp.listen({ host, port: config['http-port'] }, flow => {
      const connection = served.connections.admit(flow);
      if (connection !== undefined) redirects.accept(flow, connection);
    });
    return { http, https, close: () => closeAll([http, https], [http1, http2, redirects]) };
  } catch (error) {
    await https.close();
    throw error;
  }
}

function engineEvents(events: Events, protocol: Protocol): EngineEvents {
  return {
    answered: status => events.answered(protocol, status),
    malformed: () => events.malformed(protocol),
    failed: error => events.answerFailed(error),
  };
}

/** Takes a flow through the limits and TLS to the engine for what ALPN agreed on. */
function securer({ tls }: ListenDevices, { connections, certificate, events }: Served) {
  const options = {
    credentialsFor: () => certificate.credentials(),
    alpnProtocols: ['h2', 'http/1.1'],
    handshakeTimeoutMs: HANDSHAKE_MAX_MS,
  };
  const secure = async (flow: Flow, connection: Connection, pick: EngineChoice): Promise<void> => {
    try {
      const secured = await tls.server(flow, options);
      pick(secured.alpnProtocol).accept(secured, connection);
    } catch {
      // Port scans and old clients: the flow is closed already, and TLS has told the peer.
      events.handshakeFailed();
    }
  };
  return (flow: Flow, pick: EngineChoice): void => {
    const connection = connections.admit(flow);
    if (connection !== undefined) void secure(flow, connection, pick);
  };
}

type EngineChoice = (alpnProtocol: string | false | null) => Engine;

async function closeAll(listeners: readonly Listener[], engines: readonly Engine[]): Promise<void> {
  for (const engine of engines) engine.drain();
  await Promise.all(listeners.map(listener => listener.close()));
}
