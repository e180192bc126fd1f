import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import { testCertificates } from '../../compliance/test-certificates.ts';
import { collect, until, within, type Received } from '../../compliance/waiting.ts';
import type { Clock } from '../../devices/clock.ts';
import type { Endpoint, Flow, Listener, Tcp } from '../../devices/tcp.ts';
import type { Tls, TlsClientOptions } from '../../devices/tls.ts';
import { createHostClock } from '../../host/clock.ts';
import { createHostTcp } from '../../host/tcp.ts';
import { createHostTls } from '../../host/tls.ts';
import { ANY, NONE } from '../../protocols/front/claims.ts';
import { ACME_TLS_1 } from '../../protocols/front/route.ts';
import { encodeClientHello } from '../../protocols/tls/encode-client-hello.ts';
import { World } from '../../simulation/world.ts';
import { createFront, DuplicateClaimError, type FrontClaim } from './front.ts';
import { OPENING_MAX_MS, OPENINGS_MAX } from './limits.ts';

interface Fixture extends AsyncDisposable {
  readonly server: { readonly tcp: Tcp; readonly tls: Tls; readonly clock: Clock };
  readonly client: { readonly tcp: Tcp; readonly tls: Tls };
  readonly address: string;
}

const worlds: readonly [string, () => Promise<Fixture>][] = [
  ['the host', openHost],
  ['the simulator', openSimulator],
];

async function openHost(): Promise<Fixture> {
  const tcp = createHostTcp(() => Promise.resolve(['127.0.0.1']));
  const tls = createHostTls();
  const server = { tcp, tls, clock: createHostClock() };
  return { server, client: server, address: '127.0.0.1', async [Symbol.asyncDispose]() {} };
}

async function openSimulator(): Promise<Fixture> {
  const world = new World('front');
  const server = world.host('server');
  const client = world.host('client');
  return { server: server.devices, client: client.devices, address: server.address, ...world.start() };
}

/** A front with one claim of each kind; every owner answers what it is called and the context of the flow. */
interface Opened extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly events: string[];
}

const { one, other, renewed } = testCertificates;

function say(flow: Flow, text: string): void {
  flow.on('error', () => undefined);
  flow.end(encodeUtf8(text));
}

/** Answers what came, so that it is seen that no byte is missing. */
function echo(flow: Flow): void {
  flow.on('error', () => undefined);
  flow.pipe(flow);
}

const claims: readonly FrontClaim<number>[] = [
  {
    owner: 'site',
    names: ['one.test', NONE],
    alpnProtocols: ['h2', 'http/1.1', NONE],
    terminate: {
      credentialsFor: () => one,
      accept: (flow, context) => say(flow, `site ${String(flow.alpnProtocol)} ${context}`),
    },
  },
  {
    owner: 'faulty',
    names: ['other.test'],
    alpnProtocols: ['faulty'],
    terminate: {
      credentialsFor: () => other,
      accept: () => {
        throw new Error('a bug of the owner');
      },
    },
  },
  {
    owner: 'unreadable',
    names: ['other.test'],
    alpnProtocols: ['unreadable'],
    terminate: {
      credentialsFor: () => {
        throw new Error('no certificate can be read');
      },
      accept: flow => say(flow, 'never'),
    },
  },
  {
    owner: 'validations',
    names: [ANY],
    alpnProtocols: [ACME_TLS_1],
    terminate: {
      credentialsFor: name => (name === 'one.test' ? renewed : undefined),
      accept: flow => say(flow, `validated by ${String(flow.alpnProtocol)}`),
    },
  },
  { owner: 'plain', opening: 'http', pass: echo },
  { owner: 'tunnel', names: ['other.test'], alpnProtocols: ['tunnel'], pass: echo },
];

async function open(
  { server, address }: Fixture,
  claimed: readonly FrontClaim<number>[] = claims,
): Promise<Opened> {
  const events: string[] = [];
  const front = createFront<number>(claimed, server, {
    refused: reason => void events.push(reason),
    fault: (owner, error) => void events.push(`${owner}: ${(error as Error).message}`),
  });
  const flows = new Set<Flow>();
  const listener: Listener = await server.tcp.listen({ host: address, port: 0 }, flow => {
    flows.add(flow);
    front.accept(flow, 7);
  });
  return {
    endpoint: { host: address, port: listener.address.port },
    events,
    async [Symbol.asyncDispose]() {
      for (const flow of flows) flow.destroy();
      await listener.close();
    },
  };
}

/** What the front answers to these bytes, sent in pieces of `size` and ended. */
async function send(
  { client, server }: Fixture,
  { endpoint }: Opened,
  bytes: Uint8Array,
  size = bytes.length,
): Promise<Uint8Array> {
  const flow = await client.tcp.connect(endpoint);
  const received = collect(flow);
  for (let start = 0; start < bytes.length; start += size) {
    flow.write(bytes.slice(start, start + size));
    if (size < bytes.length) await server.clock.sleep(1);
  }
  flow.end();
  await until(server.clock, 'the answer to end', () => received.ended || received.closes > 0);
  flow.destroy();
  return received.bytes();
}

/** What is said inside TLS, or the kind of the fault. */
async function shake(
  fixture: Fixture,
  { endpoint }: Opened,
  options: Partial<TlsClientOptions>,
): Promise<string> {
  const { client, server } = fixture;
  const flow = await client.tcp.connect(endpoint);
  const secured = await client.tls
    .client(flow, { serverName: 'one.test', trustAnchorsPem: [testCertificates.authorityPem], ...options })
    .catch((error: { kind: string }) => error.kind);
  if (typeof secured === 'string') return secured;
  const received = collect(secured);
  await until(server.clock, 'the answer to end', () => received.ended || received.closes > 0);
  secured.destroy();
  return decodeUtf8(received.bytes());
}

const alert = (description: number): Uint8Array => Uint8Array.of(21, 3, 3, 0, 2, 2, description);

describe.each(worlds)('a front on %s', (_name, make) => {
  it.each([
    ['h2', { alpnProtocols: ['h2', 'http/1.1'] }, 'site h2 7'],
    ['http/1.1', { alpnProtocols: ['http/1.1'] }, 'site http/1.1 7'],
    ['a client without ALPN', {}, 'site false 7'],
    ['a validation', { alpnProtocols: [ACME_TLS_1] }, 'validated by acme-tls/1'],
    ['another protocol of the name', { alpnProtocols: ['imap'] }, 'handshake-failed'],
    ['another name', { serverName: 'elsewhere.test' }, 'handshake-failed'],
  ])('ends TLS for its owner: %s', async (_what, options, expected) => {
    await using fixture = await make();
    await using front = await open(fixture);
    expect(await shake(fixture, front, options)).toBe(expected);
  });

  it('shows the certificate of the validation to a validation alone', async () => {
    await using fixture = await make();
    await using front = await open(fixture);
    const pinned = (credentials: typeof one, alpnProtocols: string[]): Promise<string> =>
      shake(fixture, front, { pinnedSha256: testCertificates.sha256Of(credentials), alpnProtocols });
    expect(await pinned(renewed, [ACME_TLS_1])).toBe('validated by acme-tls/1');
    expect(await pinned(renewed, [ACME_TLS_1, 'h2'])).toBe('not-trusted');
    expect(await pinned(one, [ACME_TLS_1, 'h2'])).toBe('site h2 7');
  });

  it.each([
    ['HTTP', encodeUtf8('GET / HTTP/1.1\r\n\r\n')],
    ['TLS that its owner opens', encodeClientHello({ serverName: 'other.test', alpnProtocols: ['tunnel'] })],
  ])('passes %s on from its first byte, however it arrives', async (_what, bytes) => {
    await using fixture = await make();
    await using front = await open(fixture);
    for (const size of [1, 7, bytes.length]) expect(await send(fixture, front, bytes, size)).toEqual(bytes);
  });

  it.each([
    [
      'an unknown name',
      encodeClientHello({ serverName: 'elsewhere.test', alpnProtocols: ['h2'] }),
      alert(112),
    ],
    [
      'an unknown protocol',
      encodeClientHello({ serverName: 'one.test', alpnProtocols: ['imap'] }),
      alert(120),
    ],
    ['a broken ClientHello', Uint8Array.of(22, 3, 1, 0, 0), alert(50)],
    ['what speaks no TLS', encodeUtf8('SSH-2.0-OpenSSH\r\n'), new Uint8Array(0)],
  ])('refuses %s with its alert', async (_what, bytes, expected) => {
    await using fixture = await make();
    await using front = await open(fixture);
    expect(await send(fixture, front, bytes)).toEqual(expected);
    expect(front.events).toHaveLength(1);
  });

  it('closes who is slow or leaves before it is clear', async () => {
    await using fixture = await make();
    await using front = await open(fixture);
    const { clock } = fixture.server;
    const leaver = await fixture.client.tcp.connect(front.endpoint);
    leaver.on('error', () => undefined);
    leaver.end(Uint8Array.of(22));
    await until(clock, 'the leaver to be counted', () => front.events.length === 1);
    const slow = collect(await fixture.client.tcp.connect(front.endpoint));
    const begun = clock.monotonic();
    await within(
      clock,
      'the end of the slow one',
      (async () => {
        while (slow.closes === 0 && !slow.ended) await clock.sleep(100);
      })(),
      OPENING_MAX_MS + 2_000,
    );
    expect(clock.monotonic() - begun).toBeGreaterThan(OPENING_MAX_MS - 200);
    expect(front.events).toEqual(['unfinished', 'unfinished']);
  }, 20_000);

  it('lets one flow pay for the bug of its owner', async () => {
    await using fixture = await make();
    await using front = await open(fixture);
    for (const protocol of ['faulty', 'unreadable'])
      await shake(fixture, front, { serverName: 'other.test', alpnProtocols: [protocol] });
    await until(fixture.server.clock, 'the faults to be told', () => front.events.length === 2);
    expect(front.events).toEqual([
      'faulty: a bug of the owner',
      expect.stringMatching(/^unreadable: .*no certificate can be read$/),
    ]);
    expect(await shake(fixture, front, {})).toBe('site false 7');
  });

  it('looks at nothing where there is one claim', async () => {
    await using fixture = await make();
    const [site] = claims;
    await using front = await open(fixture, site === undefined ? [] : [site]);
    expect(await shake(fixture, front, { serverName: 'other.test' })).toBe('not-trusted');
    expect(await shake(fixture, front, {})).toBe('site false 7');
  });
});

it('gives a flow to TLS at once and untouched where there is one claim', () => {
  const given: Flow[] = [];
  const server = (flow: Flow): Promise<never> => {
    given.push(flow);
    return new Promise(() => undefined);
  };
  const devices = { clock: createHostClock(), tls: { ...createHostTls(), server } };
  const acceptBy = (claimed: readonly FrontClaim<number>[]): Flow => {
    const flow = new Duplex({ read: () => undefined }) as Flow;
    createFront(claimed, devices, { refused: () => undefined, fault: () => undefined }).accept(flow, 7);
    return flow;
  };
  const alone = acceptBy(claims.slice(0, 1));
  expect([given[0] === alone, alone.eventNames(), alone.readableFlowing]).toEqual([true, [], null]);
  // Among several, its first bytes are awaited before anybody gets it.
  const looked = acceptBy(claims);
  expect([given.length, looked.eventNames()]).toEqual([1, expect.arrayContaining(['readable'])]);
  looked.destroy();
});

it('names both owners and what both claim', () => {
  const twice = (): unknown =>
    createFront(
      [...claims, { owner: 'matrix', names: ['one.test'], alpnProtocols: ['h2'], pass: () => undefined }],
      { clock: createHostClock(), tls: createHostTls() },
      { refused: () => undefined, fault: () => undefined },
    );
  expect(twice).toThrow(DuplicateClaimError);
  expect(twice).toThrow(
    'site and matrix both claim one.test with h2: one of them must have another name or protocol',
  );
});

it('lets the one that has said nothing for longest make room', async () => {
  await using fixture = await openSimulator();
  await using front = await open(fixture);
  const { clock } = fixture.server;
  const silent: Received[] = [];
  for (let index = 0; index <= OPENINGS_MAX; index++)
    silent.push(collect(await fixture.client.tcp.connect(front.endpoint)));
  const closed = (): number[] => silent.flatMap(({ ended }, index) => (ended ? [index] : []));
  await until(clock, 'one to be closed', () => closed().length > 0);
  expect(closed()).toEqual([0]);
  expect(front.events).toEqual(['unfinished']);
});
