import { connect, type ClientHttp2Session } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { concatBytes, decodeUtf8, encodeUtf8, viewOf } from '../../../shared/base/bytes.ts';
import { testCertificates } from '../../../shared/compliance/test-certificates.ts';
import type { Flow } from '../../../shared/devices/tcp.ts';
import { frameMessage, MessageFrames } from '../../../shared/protocols/dns/message-frames.ts';
import { World } from '../../../shared/simulation/world.ts';
import { dnsServiceConfiguration } from '../config.ts';
import { STREAM_IDLE_MAX_MS } from '../limits.ts';
import type { Handle } from '../passed-on/handle.ts';
import { StreamServer } from '../passed-on/stream-server.ts';
import { createHttpConverse } from './converse-by-http.ts';
import { HANDSHAKES_PER_NETWORK_MAX } from './limits.ts';
import type { Pages } from './pages.ts';
import { listenEncrypted } from './listen.ts';

const { one, authorityPem } = testCertificates;

/** Says back what it was asked, later where the first byte is odd; to what is empty there is no answer. */
const answer: Handle = message => {
  if (message.length === 0) return [];
  const replies = [Uint8Array.from(message)];
  return message[0] === 1 ? Promise.resolve(replies) : replies;
};

const pages: Pages = ({ target }, client) => {
  const body = encodeUtf8(`a page of ${client}`);
  const fields = ['content-length', String(body.length)];
  return target === '/page' ? Promise.resolve({ status: 200, fields, body: [body] }) : undefined;
};

async function setUp() {
  const world = new World('encrypted dns');
  const { devices, address } = world.host('server');
  const client = world.host('client').devices;
  const running = world.start();
  const { clock } = devices;
  const common = { max: 100, perAddressMax: 100, answer };
  const tls = new StreamServer({ ...common, transport: 'tls' }, clock);
  const certificates = { credentialsFor: () => one, challengeCredentialsFor: () => undefined };
  const refusals: string[] = [];
  const events = {
    refused: (reason: string) => void refusals.push(reason),
    fault: (owner: string, error: unknown) => void refusals.push(`${owner}: ${String(error)}`),
  };
  const onFault = (error: unknown): void => events.fault('https', error);
  const converse = createHttpConverse({ pages, onFault }, clock);
  const https = new StreamServer({ ...common, transport: 'https', converse }, clock);
  const config = dnsServiceConfiguration.parse({ address });
  const listeners = await listenEncrypted(config, { certificates, tls, https, events }, devices);
  return {
    ...{ client, clock, refusals, servers: { tls, https } },
    async dial(port: number, ...alpnProtocols: readonly string[]): Promise<Flow> {
      const flow = await client.tcp.connect({ host: address, port });
      flow.on('error', () => undefined);
      return await client.tls.client(flow, {
        serverName: 'one.test',
        trustAnchorsPem: [authorityPem],
        alpnProtocols,
      });
    },
    connect: (port: number) => client.tcp.connect({ host: address, port }),
    async [Symbol.asyncDispose]() {
      for (const part of [listeners, tls, https, running]) await part[Symbol.asyncDispose]();
    },
  };
}

async function talk(flow: Flow, ...messages: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const frames = new MessageFrames();
  const answers: Uint8Array[] = [];
  flow.on('data', (piece: Uint8Array) =>
    answers.push(...frames.take(piece).map(each => Uint8Array.from(each))),
  );
  const ended = new Promise<void>(resolve => flow.once('close', () => resolve()));
  flow.on('end', () => void flow.end());
  flow.end(concatBytes(messages.map(frameMessage)));
  await ended;
  return answers;
}

/** A session of node's own client, which runs over any flow. */
function openHttp2(flow: Flow): ClientHttp2Session {
  return connect('https://one.test', { createConnection: () => flow });
}

interface Answered {
  readonly status: number;
  readonly body: Uint8Array;
}

function ask(session: ClientHttp2Session, path: string, content?: Uint8Array): Promise<Answered> {
  const method = content === undefined ? 'GET' : 'POST';
  const stream = session.request({
    ':method': method,
    ':path': path,
    'content-type': 'application/dns-message',
  });
  const pieces: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    let status = 0;
    stream.on('response', headers => (status = headers[':status'] ?? 0));
    stream.on('data', (piece: Uint8Array) => pieces.push(piece));
    stream.on('close', () => resolve({ status, body: concatBytes(pieces) }));
    stream.on('error', reject);
    stream.end(content);
  });
}

const messages = Array.from({ length: 50 }, (_, index) => {
  const message = new Uint8Array(20 + index);
  viewOf(message).setUint16(0, index);
  return message;
});

describe('DNS over TLS', () => {
  it.each([
    ['its own port', 853, ['dot']],
    ['its own port, by clients that do not say what they speak', 853, []],
    ['the port of HTTPS', 443, ['dot']],
  ])('is served on %s', async (_what, port, alpnProtocols) => {
    await using world = await setUp();
    expect(await talk(await world.dial(port, ...alpnProtocols), ...messages)).toEqual(messages);
    expect(world.servers.tls.counts()).toMatchObject({ accepted: 1, answered: messages.length, open: 0 });
  });

  it.each([
    [853, ['h2']],
    [443, ['http/1.0']],
  ])('is for nobody who speaks something else: port %i, %j', async (port, alpnProtocols) => {
    await using world = await setUp();
    await expect(world.dial(port, ...alpnProtocols)).rejects.toMatchObject({ kind: 'handshake-failed' });
    expect(world.refusals).toHaveLength(1);
  });
});

describe('DNS over HTTPS', () => {
  it('answers many requests of one connection, now or later', async () => {
    await using world = await setUp();
    const session = openHttp2(await world.dial(443, 'h2'));
    const asked = messages.map((message, index) => {
      const text = message.toBase64({ alphabet: 'base64url', omitPadding: true });
      return index % 2 === 0 ? ask(session, '/dns-query', message) : ask(session, `/dns-query?dns=${text}`);
    });
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual(messages.map(() => 200));
    expect(answers.map(({ body }) => body)).toEqual(messages);
    expect(world.servers.https.counts()).toMatchObject({ accepted: 1, answered: messages.length });
    session.close();
  });

  it('takes a message of any length, in pieces', async () => {
    await using world = await setUp();
    const session = openHttp2(await world.dial(443, 'h2'));
    const longest = new Uint8Array(65_535).fill(2);
    expect(await ask(session, '/dns-query', longest)).toEqual({ status: 200, body: longest });
    session.close();
  });

  it('says what is wrong with a request', async () => {
    await using world = await setUp();
    const session = openHttp2(await world.dial(443, 'h2'));
    const statuses = await Promise.all([
      ask(session, '/'),
      ask(session, '/dns-query'),
      ask(session, '/dns-query', new Uint8Array()),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([404, 400, 400]);
    session.close();
  });

  it.each([[['http/1.1']], [[]]])('is served by HTTP/1.1 too: %j', async alpnProtocols => {
    await using world = await setUp();
    const flow = await world.dial(443, ...alpnProtocols);
    const pieces: Uint8Array[] = [];
    const ended = (async () => {
      for await (const piece of flow) pieces.push(piece as Uint8Array);
    })();
    const head = 'host: one.test\r\ncontent-type: application/dns-message';
    flow.write(`POST /dns-query HTTP/1.1\r\n${head}\r\ncontent-length: 3\r\n\r\nabc`);
    flow.write(`GET /dns-query?dns=ZGVm HTTP/1.1\r\n${head}\r\n\r\n`);
    flow.write(`GET /page HTTP/1.1\r\n${head}\r\n\r\n`);
    flow.write(`POST /dns-query HTTP/1.1\r\n${head}\r\ncontent-length: 65536\r\n\r\n${'x'.repeat(65_536)}`);
    await ended;
    const said = decodeUtf8(concatBytes(pieces));
    expect(said.match(/(?<=HTTP\/1\.1 )\d+/g)).toEqual(['200', '200', '200', '413']);
    expect(said).toMatch(/abc[^]*def[^]*a page of 10\.\d+\.\d+\.\d+/);
  });

  it('has pages beside it', async () => {
    await using world = await setUp();
    const session = openHttp2(await world.dial(443, 'h2'));
    const { status, body } = await ask(session, '/page', encodeUtf8('of no interest'));
    expect([status, decodeUtf8(body)]).toEqual([200, expect.stringMatching(/^a page of 10\./)]);
    session.close();
  });

  it('takes leave of who asks nothing', async () => {
    await using world = await setUp();
    const session = openHttp2(await world.dial(443, 'h2'));
    const ended = new Promise<void>(resolve => session.once('close', () => resolve()));
    await world.clock.sleep(STREAM_IDLE_MAX_MS + 2_000);
    await ended;
    expect(world.servers.https.counts()).toMatchObject({ open: 0, idled: 1 });
  });
});

it('handshakes that do not go on keep nobody out', async () => {
  await using world = await setUp();
  const silent: Flow[] = [];
  for (let count = 0; count < 3 * HANDSHAKES_PER_NETWORK_MAX; count++) {
    const flow = await world.connect(853);
    flow.on('error', () => undefined);
    flow.resume();
    silent.push(flow);
  }
  expect(await talk(await world.dial(853, 'dot'), ...messages)).toEqual(messages);
  await world.clock.sleep(1_000);
  expect(
    silent.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded).length,
  ).toBeLessThanOrEqual(HANDSHAKES_PER_NETWORK_MAX);
});
