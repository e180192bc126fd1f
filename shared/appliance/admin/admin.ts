import { Buffer } from 'node:buffer';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { OperatorPublic } from '../../components/operator-keys/operator.ts';
import { createSessions } from '../../components/operator-keys/sessions.ts';
import type { SelfSigned } from '../../components/x509/self-signed.ts';
import type { Releases } from '../../components/releases/releases.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Devices } from '../../devices/devices.ts';
import type { Endpoint, Flow, Listener } from '../../devices/tcp.ts';
import type { TlsServerOptions } from '../../devices/tls.ts';
import type { Administration } from '../administration.ts';
import type { HealthState } from '../health/health-core.ts';
import type { LogRing } from '../logs/ring.ts';
import type { StatusReport } from '../status/report.ts';
import { ADMIN_FLOWS_MAX, createFlowTable, type FlowTable } from './flow-table.ts';
import { createLogStreams } from './log-stream.ts';
import { createLogIn } from './login.ts';
import { addRoutes } from './routes.ts';

/** Where the pages take what they show. */
export interface AdminSources {
  readonly serviceName: string;
  readonly health: () => { readonly state: HealthState; readonly isServing: boolean };
  readonly report: () => Promise<StatusReport>;
  readonly metrics: () => Promise<string>;
  readonly ring: LogRing;
  readonly keptLog: () => AsyncIterable<Uint8Array>;
  /** What operators may put new content into. */
  readonly releases: () => readonly Releases[];
  /** What the service itself offers; undefined while it does not run. */
  readonly administration: () => Administration | undefined;
}

export interface AdminOptions {
  readonly listen: Endpoint;
  readonly certificate: SelfSigned;
  readonly operators: readonly OperatorPublic[];
}

export interface Admin extends AsyncDisposable {
  readonly address: Endpoint;
}

type AdminDevices = Pick<Devices, 'clock' | 'secureRandom' | 'tcp' | 'tls' | 'log'>;

/** Nothing but archives of content, which are not held in memory, and a browser's headers are under 2 KB. */
const BODY_MAX_BYTES = 1_024;
const SERVER_LIMITS: ServerOptions = {
  maxHeaderSize: 8_192,
  // A phone on a bad network sends its headers within seconds; whoever needs longer holds a place.
  headersTimeout: 10_000,
  // An operator's archive over a slow line: 64 MiB at 1 Mbit/s. Strangers' requests have no content at all.
  requestTimeout: 600_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};
const NONCE_BYTES = 16;

/** The appliance's own endpoint: HTTPS with its own certificate, open to operators, and `/health` to all. */
export async function startAdmin(
  devices: AdminDevices,
  options: AdminOptions,
  sources: AdminSources,
): Promise<Admin> {
  const flows = createFlowTable();
  const below = new WeakMap<Duplex, Flow>();
  const access = { operators: options.operators, sessions: createSessions(devices) };
  const streams = createLogStreams(sources.ring, devices.clock);
  const { app, server } = createApp();
  addRoutes(app, {
    sources,
    access,
    logIn: createLogIn(devices, { ...access, fingerprint: options.certificate.sha256 }),
    streams,
    nonce: () => Buffer.from(devices.secureRandom.bytes(NONCE_BYTES)).toString('base64'),
    clock: devices.clock,
    log: devices.log,
    keepFlow: request => keepFlow(request, below, flows),
  });
  await app.ready();
  // node:http watches over slow clients from 'listening' on; this server is handed its connections instead.
  server.emit('listening');
  const listener = await listen(devices, options, async flow => {
    if (!flows.admit(flow)) return;
    const secured = await secure(devices, flow, options);
    if (secured === undefined) return;
    below.set(secured, flow);
    server.emit('connection', secured);
  });
  return {
    address: listener.address,
    async [Symbol.asyncDispose]() {
      await listener.close();
      streams.closeAll();
      server.closeIdleConnections();
      flows.closeAll();
      await app.close();
    },
  };
}

function createApp(): { readonly app: FastifyInstance; readonly server: Server } {
  let server: Server | undefined;
  const app = fastify({
    logger: false,
    bodyLimit: BODY_MAX_BYTES,
    serverFactory: handler => (server = createServer(SERVER_LIMITS, handler)),
  });
  if (server === undefined) throw new Error('fastify made no server');
  return { app, server };
}

async function listen(
  devices: AdminDevices,
  { listen: { host, port } }: AdminOptions,
  onFlow: (flow: Flow) => Promise<void>,
): Promise<Listener> {
  // The table lets the newest in and an old one go, so the device itself must take a few more than the table holds.
  const maxFlows = 2 * ADMIN_FLOWS_MAX;
  return devices.tcp.listen({ host, port, maxFlows }, flow => void onFlow(flow));
}

async function secure(devices: AdminDevices, flow: Flow, options: AdminOptions): Promise<Duplex | undefined> {
  const tls: TlsServerOptions = {
    // One certificate whatever name was asked for: it is known by its fingerprint.
    credentialsFor: () => options.certificate,
    alpnProtocols: ['http/1.1'],
    clientCertificates: 'ask',
  };
  try {
    return await devices.tls.server(flow, tls);
  } catch (error) {
    // Scanners speak other things than TLS; that is no event of ours.
    if (error instanceof DeviceError) return undefined;
    throw error;
  }
}

function keepFlow(request: FastifyRequest, below: WeakMap<Duplex, Flow>, flows: FlowTable): void {
  const flow = below.get(request.raw.socket);
  if (flow !== undefined) flows.keep(flow);
}
