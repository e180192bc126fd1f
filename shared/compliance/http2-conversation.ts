import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';
import { concatBytes, decodeUtf8 } from '../base/bytes.ts';
import type { Http2ServeLimits, HttpContent, HttpServeOptions, HttpServer } from '../devices/http-engine.ts';
import type { Flow } from '../devices/tcp.ts';
import type { TlsClientOptions, TlsFlow } from '../devices/tls.ts';
import { content, serve, type HttpEngineWorld } from './http-conversation.ts';
import { testCertificates } from './test-certificates.ts';
import { within } from './waiting.ts';

const { one, authorityPem } = testCertificates;

export const HTTP2_LIMITS: Http2ServeLimits = {
  streamsMax: 20,
  streamsPerConnectionMax: 1_000,
  resetsBurst: 10,
  resetsPerSecond: 1,
};

export function secured(text = 'hello', fill?: number): HttpContent {
  return { ...content(text, fill), credentials: new Map([['one.test', one]]) };
}

export function serveHttp2(
  world: HttpEngineWorld,
  options: Partial<HttpServeOptions> = {},
): Promise<HttpServer> {
  return serve(world, { content: secured(), http2: HTTP2_LIMITS, ...options });
}

/** A flow on which HTTP/2 was agreed, if `options` say no other. */
export async function dialTls2(
  { client }: HttpEngineWorld,
  server: HttpServer,
  options: Partial<TlsClientOptions> = {},
): Promise<TlsFlow> {
  const below = await client.tcp.connect(server.address);
  const usual = { serverName: 'one.test', trustAnchorsPem: [authorityPem], alpnProtocols: ['h2'] };
  return client.tls.client(below, { ...usual, ...options });
}

export interface Http2Reply {
  readonly status: number;
  readonly fields: IncomingHttpHeaders;
  readonly interim: readonly IncomingHttpHeaders[];
  readonly body: Uint8Array;
  readonly text: string;
}

/** One client's connection, by node:http2 over a flow of the world. */
export interface Http2Client extends Disposable {
  readonly session: ClientHttp2Session;
  readonly flow: Flow;
  /** A request; `contents` are sent one after another, and without them it has none. */
  begin(
    path: string,
    fields?: Readonly<Record<string, string>>,
    contents?: readonly Uint8Array[],
  ): ClientHttp2Stream;
  ask(
    path: string,
    fields?: Readonly<Record<string, string>>,
    contents?: readonly Uint8Array[],
  ): Promise<Http2Reply>;
  /** Waits for the end of the connection: the error code of its GOAWAY, or undefined where it ended without one. */
  ends(): Promise<number | undefined>;
}

export async function dial2(
  world: HttpEngineWorld,
  server: HttpServer,
  settings: { readonly initialWindowSize?: number } = {},
): Promise<Http2Client> {
  const flow = await dialTls2(world, server);
  const session = connect('https://one.test', { createConnection: () => flow, settings });
  session.on('error', () => undefined);
  // Half-open flows are no use to HTTP/2: who is told that nothing more comes leaves.
  flow.once('end', () => flow.end());
  let code: number | undefined;
  session.on('goaway', errorCode => void (code = errorCode));
  const ended = new Promise<number | undefined>(resolve => {
    session.once('close', () => resolve(code));
  });
  const begin: Http2Client['begin'] = (path, fields = {}, contents) => {
    const endStream = contents === undefined;
    const method = endStream ? 'GET' : 'POST';
    const stream = session.request({ ':method': method, ':path': path, ...fields }, { endStream });
    for (const bytes of contents ?? []) stream.write(bytes);
    if (contents !== undefined) stream.end();
    return stream;
  };
  return {
    session,
    flow,
    begin,
    ask: (path, fields, contents) =>
      within(world.clock, `the answer to ${path}`, replyOf(begin(path, fields, contents))),
    ends: () => within(world.clock, 'the end of the connection', ended),
    [Symbol.dispose]: () => session.destroy(),
  };
}

/** The whole answer. Rejects where the stream ends without it. */
export function replyOf(stream: ClientHttp2Stream): Promise<Http2Reply> {
  const parts: Uint8Array[] = [];
  const interim: IncomingHttpHeaders[] = [];
  let fields: IncomingHttpHeaders = {};
  stream.on('headers', more => void interim.push(more));
  stream.on('response', answered => void (fields = answered));
  stream.on('data', (part: Uint8Array) => void parts.push(part));
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('close', () => reject(new Error(`closed without an answer, code ${stream.rstCode}`)));
    stream.on('end', () => {
      const body = concatBytes(parts);
      resolve({ status: Number(fields[':status']), fields, interim, body, text: decodeUtf8(body) });
    });
  });
}
