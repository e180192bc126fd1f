import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  connect as http2Connect,
  createServer as createHttp2,
  type ClientHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  http1Exchange,
  http1Upgrade,
  isWebSocketUpgrade,
} from '../../shared/components/proxy/http1-exchange.ts';
import {
  http2Exchange,
  http2Upgrade,
  isHttp2WebSocket,
} from '../../shared/components/proxy/http2-exchange.ts';
import { openBackend, type Backend } from '../../shared/components/proxy/proxy.ts';
import { createHostClock } from '../../shared/host/clock.ts';
import { createLog } from '../../shared/host/log.ts';
import { createHostRandom } from '../../shared/host/random.ts';
import { createHostTcp } from '../../shared/host/tcp.ts';

/** A backend behind the proxy, and the proxy's two doors, all on loopback. */
export interface ProxyWorld extends AsyncDisposable {
  readonly http1Port: number;
  readonly http2Port: number;
  readonly backendPort: number;
  readonly backend: Backend;
  /** Conditions that are degraded now, by key. */
  readonly faults: ReadonlyMap<string, string>;
  /** Connections that the backend has taken so far, and those that are open. */
  connections(): { readonly accepted: number; readonly open: number };
  /** Stops the backend as if its machine were switched off; and starts it again at the same port. */
  stopBackend(): Promise<void>;
  startBackend(): Promise<void>;
  session(): ClientHttp2Session;
}

type OnConnection = (socket: Socket) => void;
export type OnRequest = (message: IncomingMessage, response: ServerResponse) => void;

/** A backend by node:http. */
export function httpBackend(onRequest: OnRequest): Server {
  const server = createHttp1(onRequest);
  // What a test waits for must not depend on which side closes an idle connection first.
  server.keepAliveTimeout = 60_000;
  return server;
}

/** A backend that writes bytes by itself. */
export function rawBackend(onConnection: OnConnection): Server {
  return createServer(socket => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
}

export async function startProxyWorld(server: Server): Promise<ProxyWorld> {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted++;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const backendPort = await listen(server, 0);
  const faults = new Map<string, string>();
  const backend = openBackend(
    { name: 'photos.example.org', url: new URL(`http://127.0.0.1:${backendPort}`) },
    {
      tcp: createHostTcp(async () => []),
      clock: createHostClock(),
      secureRandom: createHostRandom(),
      log: createLog(() => undefined, {}),
      health: {
        degrade: (key, reason) => void faults.set(key, reason),
        recover: key => void faults.delete(key),
      },
    },
  );
  const fronts = [http1Front(backend), http2Front(backend)];
  const [http1Port = 0, http2Port = 0] = await Promise.all(fronts.map(front => listen(front, 0)));
  const sessions = new Set<ClientHttp2Session>();
  const stopBackend = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    await new Promise(resolve => void server.close(resolve));
  };
  return {
    ...{ http1Port, http2Port, backendPort, backend, faults, stopBackend },
    connections: () => ({ accepted, open: open.size }),
    startBackend: async () => void (await listen(server, backendPort)),
    session() {
      const session = http2Connect(`http://127.0.0.1:${http2Port}`);
      session.on('error', () => undefined);
      sessions.add(session);
      return session;
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      backend[Symbol.dispose]();
      for (const front of fronts) front.close();
      fronts[0]?.closeAllConnections();
      if (server.listening) await stopBackend();
    },
  };
}

const observer = { answered: () => undefined, sent: () => undefined };

function http1Front(backend: Backend) {
  const server = createHttp1({ shouldUpgradeCallback: isWebSocketUpgrade });
  const pass =
    (expectsContinue: boolean): OnRequest =>
    (message, response) =>
      backend.forward(http1Exchange(message, response, { secure: false, expectsContinue, observer }));
  server.on('request', pass(false));
  server.on('checkContinue', pass(true));
  server.on('upgrade', (message, socket, head) => {
    socket.on('error', () => undefined);
    backend.upgrade(http1Upgrade(message, socket, head, { secure: false, observer }));
  });
  server.on('clientError', (_error, socket) => void socket.destroy());
  return server;
}

function http2Front(backend: Backend) {
  const server = createHttp2({ settings: { enableConnectProtocol: true } });
  server.on('stream', (stream, headers, flags, rawHeaders) => {
    stream.on('error', () => undefined);
    const request = { stream: stream as ServerHttp2Stream, headers, flags, rawHeaders };
    const http2 = { ...request, secure: true, observer };
    if (isHttp2WebSocket(headers)) backend.upgrade(http2Upgrade(http2));
    else backend.forward(http2Exchange(http2));
  });
  server.on('sessionError', () => undefined);
  return Object.assign(server, { closeAllConnections: () => undefined });
}

async function listen(server: Server | ReturnType<typeof http2Front>, port: number): Promise<number> {
  await new Promise<void>(resolve => void server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Sends `bytes` on a connection of its own and gives all that comes back until the other side ends it. */
export function converse(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const chunks: Uint8Array[] = [];
    socket.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.on('error', reject);
    socket.setTimeout(20_000, () => socket.destroy(new Error('no end within 20 s')));
  });
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** One request over HTTP/2 on a session that is given. */
export function askHttp2(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  content?: Uint8Array | string,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const stream = session.request(
      { ':authority': 'photos.example.org', ...headers },
      { endStream: content === undefined },
    );
    const chunks: Uint8Array[] = [];
    let head: Record<string, unknown> = {};
    stream.on('response', given => (head = given));
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () => {
      const status = Number(head[':status']);
      if (Number.isNaN(status)) reject(new Error('closed without an answer'));
      else resolve({ status, headers: head, body: Buffer.concat(chunks).toString('latin1') });
    });
    if (content !== undefined) stream.end(content);
  });
}
