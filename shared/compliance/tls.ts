import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import type { Clock } from '../devices/clock.ts';
import type { Flow, Tcp } from '../devices/tcp.ts';
import type { Tls, TlsClientOptions, TlsCredentials, TlsFlow, TlsServerOptions } from '../devices/tls.ts';
import { testCertificates, type TestCertificates } from './test-certificates.ts';
import { accepting, collect, until, within, type Make } from './waiting.ts';

export interface TlsWorld {
  readonly server: { readonly tcp: Tcp; readonly tls: Tls };
  readonly client: { readonly tcp: Tcp; readonly tls: Tls };
  readonly address: string;
  readonly clock: Clock;
}

type Check = (
  title: string,
  test: (world: TlsWorld, certificates: TestCertificates) => Promise<void>,
) => void;

/** What every {@link Tls} must do. */
export function describeTls(name: string, make: Make<TlsWorld>): void {
  const check: Check = (title, test) =>
    it(title, async () => {
      await using world = await make();
      await test(world, testCertificates);
    });
  describe(`${name} carries bytes`, () => describeBytes(check));
  describe(`${name} chooses credentials and protocol`, () => describeChoices(check));
  describe(`${name} trusts whom it is told to`, () => describeTrust(check));
  describe(`${name} asks for client certificates`, () => describeClients(check));
  describe(`${name} gives up`, () => describeFailures(check));
}

interface FlowPair extends AsyncDisposable {
  readonly near: Flow;
  readonly far: Flow;
}

async function openFlows({ server, client, address, clock }: TlsWorld): Promise<FlowPair> {
  const accepted = await accepting(server.tcp, { host: address, port: 0 });
  const near = await client.tcp.connect(accepted.listener.address);
  const far = await within(clock, 'a flow', accepted.next());
  return {
    near,
    far,
    async [Symbol.asyncDispose]() {
      near.destroy();
      await accepted[Symbol.asyncDispose]();
    },
  };
}

interface Outcome {
  readonly server: PromiseSettledResult<TlsFlow>;
  readonly client: PromiseSettledResult<TlsFlow>;
}

interface Handshake {
  readonly server: Partial<TlsServerOptions>;
  readonly client: Partial<TlsClientOptions>;
}

/** Both sides' outcomes of a handshake with one.test, by default with its certificate and its authority. */
async function shake(
  world: TlsWorld,
  flows: FlowPair,
  certificates: TestCertificates,
  options: Partial<Handshake> = {},
): Promise<Outcome> {
  const serving = world.server.tls.server(flows.far, {
    credentialsFor: () => certificates.one,
    alpnProtocols: [],
    ...options.server,
  });
  const dialling = world.client.tls.client(flows.near, {
    serverName: 'one.test',
    trustAnchorsPem: [certificates.authorityPem],
    ...options.client,
  });
  const both = Promise.allSettled([serving, dialling]);
  const [server, client] = await within(world.clock, 'the end of the handshake', both);
  return { server, client };
}

/** The two ends of a handshake that must work. */
function opened({ server, client }: Outcome): { near: TlsFlow; far: TlsFlow } {
  if (client.status === 'rejected') throw client.reason;
  if (server.status === 'rejected') throw server.reason;
  for (const flow of [client.value, server.value]) flow.on('error', () => undefined);
  return { near: client.value, far: server.value };
}

function reasonOf(outcome: PromiseSettledResult<TlsFlow>): unknown {
  return outcome.status === 'rejected' ? outcome.reason : 'it worked';
}

function describeBytes(check: Check): void {
  check('bytes arrive both ways; end() ends one of them', async (world, certificates) => {
    await using flows = await openFlows(world);
    const { near, far } = opened(await shake(world, flows, certificates));
    const [atFar, atNear] = [collect(far), collect(near)];
    const sent = new Uint8Array(200_000).map((_, index) => index * 7);
    near.write(sent);
    near.end();
    await until(world.clock, 'the end at the server', () => atFar.ended);
    expect(Buffer.from(atFar.bytes()).equals(sent)).toBe(true);
    far.end(encodeUtf8('answer'));
    await until(world.clock, 'the end at the client', () => atNear.ended);
    expect(decodeUtf8(atNear.bytes())).toBe('answer');
  });

  check('first bytes that were looked at and put back count as received', async (world, certificates) => {
    await using flows = await openFlows(world);
    const dialling = world.client.tls.client(flows.near, {
      serverName: 'one.test',
      trustAnchorsPem: [certificates.authorityPem],
    });
    const looked = Promise.withResolvers<Uint8Array>();
    flows.far.once('readable', () => looked.resolve(flows.far.read() as Uint8Array));
    flows.far.unshift(await within(world.clock, 'the first bytes', looked.promise));
    const serving = world.server.tls.server(flows.far, {
      credentialsFor: () => certificates.one,
      alpnProtocols: [],
    });
    const both = Promise.all([serving, dialling]);
    const [far, near] = await within(world.clock, 'the handshake', both);
    const atFar = collect(far);
    near.on('error', () => undefined);
    near.end(encodeUtf8('hello'));
    await until(world.clock, 'the end at the server', () => atFar.ended);
    expect(decodeUtf8(atFar.bytes())).toBe('hello');
  });

  check(
    'closing the flow of TLS closes the one below, and the other way round',
    async (world, certificates) => {
      await using flows = await openFlows(world);
      const { near, far } = opened(await shake(world, flows, certificates));
      const [atFar, atNear] = [collect(far), collect(near)];
      near.destroy();
      await until(world.clock, 'the flow below to close', () => flows.near.destroyed);
      await until(world.clock, 'the near side to close', () => atNear.closes === 1);
      flows.far.destroy();
      await until(world.clock, 'the far side to close', () => far.destroyed && atFar.closes === 1);
    },
  );
}

function describeChoices(check: Check): void {
  check('credentials are asked for by name, in lower case', async (world, certificates) => {
    const asked: (string | undefined)[] = [];
    const credentialsFor = (name: string | undefined): TlsCredentials | undefined => {
      asked.push(name);
      return name === 'other.test' ? certificates.other : certificates.one;
    };
    await using flows = await openFlows(world);
    const outcome = await shake(world, flows, certificates, {
      server: { credentialsFor },
      client: { serverName: 'OTHER.test' },
    });
    opened(outcome);
    expect(asked).toContain('other.test');
  });

  check('new credentials are live at the next handshake; old flows go on', async (world, certificates) => {
    let current = certificates.one;
    const server = { credentialsFor: () => current };
    await using before = await openFlows(world);
    const pin = { client: { pinnedSha256: certificates.sha256Of(certificates.one) }, server };
    const old = opened(await shake(world, before, certificates, pin));
    current = certificates.renewed;
    await using after = await openFlows(world);
    const renewedPin = {
      client: { pinnedSha256: certificates.sha256Of(certificates.renewed) },
      server,
    };
    opened(await shake(world, after, certificates, renewedPin));
    const atFar = collect(old.far);
    old.near.write(encodeUtf8('still here'));
    await until(world.clock, 'bytes on the old flow', () => decodeUtf8(atFar.bytes()) === 'still here');
  });

  check('a name without credentials is refused on both sides', async (world, certificates) => {
    await using flows = await openFlows(world);
    const outcome = await shake(world, flows, certificates, { server: { credentialsFor: () => undefined } });
    expect(reasonOf(outcome.server)).toMatchObject({ kind: 'handshake-failed' });
    expect(reasonOf(outcome.client)).toMatchObject({ kind: 'handshake-failed' });
    await until(world.clock, 'both flows to close', () => flows.near.destroyed && flows.far.destroyed);
  });

  check("ALPN agrees on the server's first choice that the client offers", async (world, certificates) => {
    await using flows = await openFlows(world);
    const { near, far } = opened(
      await shake(world, flows, certificates, {
        server: { alpnProtocols: ['h2', 'http/1.1'] },
        client: { alpnProtocols: ['http/1.1', 'h2'] },
      }),
    );
    expect([near.alpnProtocol, far.alpnProtocol]).toEqual(['h2', 'h2']);
    expect(far.servername).toBe('one.test');
  });

  check('no protocol in common is refused (RFC 7301 §3.2)', async (world, certificates) => {
    await using flows = await openFlows(world);
    const outcome = await shake(world, flows, certificates, {
      server: { alpnProtocols: ['h2'] },
      client: { alpnProtocols: ['imap'] },
    });
    expect(reasonOf(outcome.server)).toMatchObject({ kind: 'handshake-failed' });
    expect(reasonOf(outcome.client)).toMatchObject({ kind: 'handshake-failed' });
  });

  check('a client without ALPN is taken', async (world, certificates) => {
    await using flows = await openFlows(world);
    const { far } = opened(await shake(world, flows, certificates, { server: { alpnProtocols: ['h2'] } }));
    expect(far.alpnProtocol).toBeFalsy();
  });
}

function describeTrust(check: Check): void {
  check('an authority that did not sign is not trusted', async (world, certificates) => {
    await using flows = await openFlows(world);
    const client = { trustAnchorsPem: [certificates.strangerPem] };
    const outcome = await shake(world, flows, certificates, { client });
    expect(reasonOf(outcome.client)).toMatchObject({ kind: 'not-trusted' });
    await until(world.clock, 'the flow to close', () => flows.near.destroyed);
  });

  check('another name than asked for is not trusted (RFC 9525)', async (world, certificates) => {
    await using flows = await openFlows(world);
    const outcome = await shake(world, flows, certificates, { client: { serverName: 'elsewhere.test' } });
    expect(reasonOf(outcome.client)).toMatchObject({ kind: 'not-trusted' });
  });

  check('a pinned certificate is trusted whatever its name and signer', async (world, certificates) => {
    await using flows = await openFlows(world);
    const pinnedSha256 = certificates.sha256Of(certificates.one);
    const client = { serverName: 'elsewhere.test', pinnedSha256, trustAnchorsPem: [] };
    opened(await shake(world, flows, certificates, { client }));
  });

  check(
    'another certificate than the pinned one is not trusted, though its authority is',
    async (world, certificates) => {
      await using flows = await openFlows(world);
      const pinnedSha256 = certificates.sha256Of(certificates.renewed);
      const outcome = await shake(world, flows, certificates, { client: { pinnedSha256 } });
      expect(reasonOf(outcome.client)).toMatchObject({ kind: 'not-trusted' });
    },
  );
}

function describeClients(check: Check): void {
  check('a client certificate of the authority is taken and told', async (world, certificates) => {
    await using flows = await openFlows(world);
    const { far } = opened(
      await shake(world, flows, certificates, {
        server: { clientAuthoritiesPem: [certificates.authorityPem] },
        client: { credentials: certificates.client },
      }),
    );
    const shown = far.getPeerX509Certificate?.();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(shown!.raw))).toHex();
    expect(digest).toBe(certificates.sha256Of(certificates.client));
  });

  check(
    'a client of another authority, or without a certificate, is refused',
    async (world, certificates) => {
      for (const [authority, credentials] of [
        [certificates.strangerPem, { credentials: certificates.client }],
        [certificates.authorityPem, {}],
      ] as const) {
        await using flows = await openFlows(world);
        const outcome = await shake(world, flows, certificates, {
          server: { clientAuthoritiesPem: [authority] },
          client: credentials,
        });
        expect(reasonOf(outcome.server)).toMatchObject({ name: 'DeviceError' });
        await until(world.clock, "the server's flow to close", () => flows.far.destroyed);
      }
    },
  );

  check("'ask' takes every client and tells what it showed", async (world, certificates) => {
    for (const credentials of [{ credentials: certificates.client }, {}]) {
      await using flows = await openFlows(world);
      const { far } = opened(
        await shake(world, flows, certificates, {
          server: { clientCertificates: 'ask' },
          client: credentials,
        }),
      );
      expect(far.getPeerX509Certificate?.() !== undefined).toBe('credentials' in credentials);
    }
  });
}

/** Fails for clients that send a name alone. */
function namedOnly(missing: () => never): TlsServerOptions['credentialsFor'] {
  return name => (name === undefined ? undefined : missing());
}

function describeFailures(check: Check): void {
  check('credentials that cannot be given are no fault of the peer', async (world, certificates) => {
    const unreadable = { ...certificates.one, certificateChainPem: 'no certificate' };
    const missing = (): never => {
      throw new Error('the store is gone');
    };
    const proven = { clientAuthoritiesPem: [certificates.authorityPem] };
    for (const server of [
      { credentialsFor: () => unreadable },
      { credentialsFor: missing },
      { credentialsFor: namedOnly(missing) },
      { credentialsFor: missing, ...proven },
      { credentialsFor: namedOnly(missing), ...proven },
    ]) {
      await using flows = await openFlows(world);
      const outcome = await shake(world, flows, certificates, { server });
      expect(reasonOf(outcome.server)).toMatchObject({ kind: 'failed' });
      expect(reasonOf(outcome.client)).toMatchObject({ kind: 'handshake-failed' });
      await until(world.clock, 'both flows to close', () => flows.near.destroyed && flows.far.destroyed);
    }
  });

  check('a silent peer times out and its flow is closed', async (world, certificates) => {
    await using flows = await openFlows(world);
    collect(flows.near);
    const serving = world.server.tls.server(flows.far, {
      credentialsFor: () => certificates.one,
      alpnProtocols: [],
      handshakeTimeoutMs: 50,
    });
    await expect(within(world.clock, 'the time-out', serving)).rejects.toMatchObject({ kind: 'timed-out' });
    await until(world.clock, 'the flow to close', () => flows.far.destroyed);
  });

  check('a peer that speaks no TLS fails the handshake', async (world, certificates) => {
    await using flows = await openFlows(world);
    collect(flows.near);
    flows.near.write(encodeUtf8('GET / HTTP/1.1\r\nhost: one.test\r\n\r\n'));
    const serving = world.server.tls.server(flows.far, {
      credentialsFor: () => certificates.one,
      alpnProtocols: [],
    });
    await expect(within(world.clock, 'the end', serving)).rejects.toMatchObject({ kind: 'handshake-failed' });
  });

  check('a peer that goes away during the handshake fails it', async world => {
    await using flows = await openFlows(world);
    const dialling = world.client.tls.client(flows.near, { serverName: 'one.test', trustAnchorsPem: [] });
    collect(flows.far);
    flows.far.destroy();
    await expect(within(world.clock, 'the end', dialling)).rejects.toMatchObject({
      kind: 'handshake-failed',
    });
  });
}
