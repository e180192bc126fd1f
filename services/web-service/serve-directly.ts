import type { Certificates } from '../../shared/components/certificates/certificates.ts';
import type {
  HttpContent,
  HttpEngine,
  Http2ServeLimits,
  HttpLimits,
  HttpServer,
} from '../../shared/devices/http-engine.ts';
import type { Flow, Listener } from '../../shared/devices/tcp.ts';
import type { TlsCredentials } from '../../shared/devices/tls.ts';
import { answersAnyName } from './certificates.ts';
import { sitesOf, type WebServiceConfiguration } from './config.ts';
import type { ConnectionCounts, Connections } from './connections.ts';
import { SITES_PLANE } from './http-planes.ts';
import {
  DRAIN_MAX_MS,
  HANDSHAKE_MAX_MS,
  HEADER_FIELDS_MAX,
  HEADER_MAX_BYTES,
  IDLE_MAX_MS,
  LATER_CONTENT_MAX_BYTES,
  RATE_WINDOW_MS,
  REQUEST_CONTENT_MAX_BYTES,
  SLOW_BYTES_PER_SECOND,
  STALL_MAX_MS,
  STREAM_RESETS_BURST,
  STREAM_RESETS_PER_SECOND,
  STREAMS_MAX,
  STREAMS_PER_CONNECTION_MAX,
} from './limits.ts';
import type { Served } from './listen.ts';

/** Its `close()` stops listening and lets running exchanges end. */
export type DirectServer = Listener & Pick<HttpServer, 'counters'>;

/**
 * The port of HTTPS by the engine in a worker: it answers HTTP/1.1 and HTTP/2 from the table of sites. Everything else (certificates in the
 * making, backends, names that are not ours) comes as a flow, to be served as if it had been accepted here.
 */
export async function serveDirectly(
  engine: HttpEngine,
  config: WebServiceConfiguration,
  served: Served,
  onFlow: (flow: Flow) => void,
): Promise<DirectServer> {
  const { sites, certificates, connections, later, records, events } = served;
  const content = (): HttpContent => ({
    plane: sites.table,
    credentials: credentialsOf(config, certificates),
  });
  using undo = new DisposableStack();
  let server: HttpServer | undefined;
  let isOutdated = false;
  // Where an update fails, the engine goes on with what it has, and the next change brings all of it again.
  const update = (): void => {
    if (server === undefined) isOutdated = true;
    else void server.update(content()).catch((error: unknown) => events.answerFailed(error));
  };
  undo.use(sites.subscribe(update));
  undo.use(certificates.subscribe(update));
  const started = await engine.serve({
    host: config.address,
    port: config['https-port'],
    plane: SITES_PLANE,
    content: content(),
    limits: limitsOf(config),
    http2: HTTP2_LIMITS,
    placeCounts: connections.placeCounts,
    onLater: later,
    onHandOver: onFlow,
    onExchanges: finished => records.addBatch(finished),
  });
  server = started;
  connections.share(true);
  // What changed while it started.
  if (isOutdated) update();
  const subscriptions = undo.move();
  const close = async (): Promise<void> => {
    connections.share(false);
    subscriptions.dispose();
    await started.close(DRAIN_MAX_MS);
  };
  const { address } = started;
  return { address, counters: () => started.counters(), close, [Symbol.asyncDispose]: close };
}

/** The connections of both: one that was handed over is accepted twice and open once. */
export function countsOf(connections: Connections, direct: DirectServer | undefined): ConnectionCounts {
  const counts = connections.counts();
  if (direct === undefined) return counts;
  const { open, accepted, evicted, expired, refused, handedOver } = direct.counters();
  return {
    open: counts.open + open,
    accepted: counts.accepted + accepted - handedOver,
    evicted: counts.evicted + evicted,
    idled: counts.idled + expired,
    refused: counts.refused + refused,
  };
}

/** The names that the engine answers for, each with its certificate. */
function credentialsOf(
  config: WebServiceConfiguration,
  certificates: Certificates,
): Map<string, TlsCredentials | 'hand-over'> {
  const byName = new Map<string, TlsCredentials | 'hand-over'>();
  const add = (name: string, asked: string | undefined): void => {
    const credentials = certificates.credentialsFor(asked);
    if (credentials !== undefined) byName.set(name, credentials);
  };
  // As the front claims them: any name, or those configured and clients that send none.
  add(answersAnyName(config) ? '*' : '', undefined);
  for (const { names, backend } of sitesOf(config))
    for (const name of names) {
      if (backend === undefined) add(name, name);
      else byName.set(name, 'hand-over');
    }
  return byName;
}

const HTTP2_LIMITS: Http2ServeLimits = {
  streamsMax: STREAMS_MAX,
  streamsPerConnectionMax: STREAMS_PER_CONNECTION_MAX,
  resetsBurst: STREAM_RESETS_BURST,
  resetsPerSecond: STREAM_RESETS_PER_SECOND,
};

/** The limits of the service as the engine takes them. */
export function limitsOf(config: WebServiceConfiguration): HttpLimits {
  return {
    connectionsMax: config['connections-max'],
    connectionsPerAddressMax: config['connections-per-address-max'],
    idleMs: IDLE_MAX_MS,
    stallMs: STALL_MAX_MS,
    handshakeMs: HANDSHAKE_MAX_MS,
    headerBytes: HEADER_MAX_BYTES,
    headerFields: HEADER_FIELDS_MAX,
    contentBytes: LATER_CONTENT_MAX_BYTES,
    discardBytes: REQUEST_CONTENT_MAX_BYTES,
    slowBytesPerSecond: SLOW_BYTES_PER_SECOND,
    rateWindowMs: RATE_WINDOW_MS,
  };
}
