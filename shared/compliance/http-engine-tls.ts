import { expect } from 'vitest';
import { decodeUtf8, encodeUtf8, equalBytes } from '../base/bytes.ts';
import type { HttpContent, HttpServeOptions, HttpServer } from '../devices/http-engine.ts';
import type { Flow } from '../devices/tcp.ts';
import type { TlsClientOptions, TlsCredentials, TlsFlow } from '../devices/tls.ts';
import {
  content,
  converse,
  dial,
  LIMITS,
  request,
  serve,
  type HttpEngineWorld,
  type HttpCheck,
} from './http-conversation.ts';
import { testCertificates } from './test-certificates.ts';
import { collect, until } from './waiting.ts';

const { one, other, renewed, authorityPem, sha256Of } = testCertificates;

function secured(
  credentials: Readonly<Record<string, TlsCredentials | 'hand-over'>>,
  text = 'hello',
): HttpContent {
  return { ...content(text), credentials: new Map(Object.entries(credentials)) };
}

async function serveTls(
  world: HttpEngineWorld,
  options: Partial<HttpServeOptions> = {},
): Promise<HttpServer> {
  return serve(world, { content: secured({ 'one.test': one, '*.test': other }), ...options });
}

async function dialTls(
  { client }: HttpEngineWorld,
  server: HttpServer,
  options: Partial<TlsClientOptions> = {},
): Promise<TlsFlow> {
  const flow = await client.tcp.connect(server.address);
  const trusted = options.pinnedSha256 === undefined ? { trustAnchorsPem: [authorityPem] } : {};
  return client.tls.client(flow, { serverName: 'one.test', ...trusted, ...options });
}

export function describeHttpTls(check: HttpCheck): void {
  check('and answers, also long ones to late readers', async world => {
    await using server = await serveTls(world);
    const flow = await dialTls(world, server, { alpnProtocols: ['http/1.1'] });
    expect(flow.alpnProtocol).toBe('http/1.1');
    using talk = converse(world.clock, flow);
    talk.say(request('/'));
    await talk.hears(/^HTTP\/1\.1 200 OK\r\n[^]*hello$/);
    flow.pause();
    talk.say(request('/big', 'Connection: close\r\n'));
    await world.clock.sleep(100);
    flow.resume();
    const { big } = content('').plane;
    await until(
      world.clock,
      'the content',
      () => talk.heardLength() > big.length && equalBytes(talk.heardBytes().subarray(-big.length), big),
    );
    expect(server.counters()).toMatchObject({ handshakes: 1, handshakesFailed: 0 });
  });

  check('with the credentials of the name asked for', async world => {
    await using server = await serveTls(world);
    const shown = async (serverName: string): Promise<string> => {
      const known = serverName === 'one.test' ? one : other;
      const flow = await dialTls(world, server, { serverName, pinnedSha256: sha256Of(known) });
      flow.destroy();
      return serverName;
    };
    expect(await shown('one.test')).toBe('one.test');
    expect(await shown('other.test')).toBe('other.test');
  });

  check('with new credentials after update(), old connections living on', async world => {
    await using server = await serveTls(world);
    using talk = converse(world.clock, await dialTls(world, server, { pinnedSha256: sha256Of(one) }));
    await server.update(secured({ 'one.test': renewed }, 'goodbye'));
    const again = await dialTls(world, server, { pinnedSha256: sha256Of(renewed) });
    again.destroy();
    talk.say(request('/'));
    await talk.hears(/goodbye$/);
  });

  check('and keeps what it has where new credentials are none', async world => {
    await using server = await serveTls(world);
    const none = { certificateChainPem: 'none', privateKeyPem: 'none' };
    await expect(server.update(secured({ 'one.test': none }, 'never'))).rejects.toMatchObject({
      kind: 'failed',
    });
    using talk = converse(world.clock, await dialTls(world, server));
    talk.say(request('/'));
    await talk.hears(/hello$/);
  });

  check('and hands over what is not its own, nothing of it consumed', async world => {
    const flows: Flow[] = [];
    await using server = await serveTls(world, {
      content: secured({ 'one.test': one, 'backend.test': 'hand-over' }),
      onHandOver: flow => void flows.push(flow),
    });
    const attempts: Partial<TlsClientOptions>[] = [
      { alpnProtocols: ['h2', 'http/1.1'] },
      { alpnProtocols: ['acme-tls/1'] },
      { serverName: 'backend.test' },
      { serverName: 'unknown.test' },
    ];
    for (const [index, attempt] of attempts.entries()) {
      void dialTls(world, server, attempt).catch(() => undefined);
      await until(world.clock, 'the flow', () => flows.length === index + 1);
      const received = collect(flows[index]!);
      // RFC 8446 §5.1: a handshake record.
      await until(world.clock, 'the ClientHello', () => received.bytes()[0] === 22);
      flows[index]!.destroy();
    }
    using plain = await dial(world, server.address);
    plain.say(request('/'));
    await until(world.clock, 'the flow', () => flows.length === attempts.length + 1);
    const received = collect(flows.at(-1)!);
    await until(world.clock, 'the request', () => decodeUtf8(received.bytes()) === request('/'));
    flows.at(-1)!.end(encodeUtf8('mine'));
    await plain.hears(/^mine$/);
    expect(server.counters()).toMatchObject({ handedOver: 5, open: 0 });
  });

  check('and ends connections whose handshake does not', async world => {
    await using server = await serveTls(world, {
      limits: { ...LIMITS, handshakeMs: 300 },
    });
    using silent = await dial(world, server.address);
    expect(await silent.ends()).toBe('');
    // Another thread counts, after it has closed the connection.
    await until(world.clock, 'the count', () => server.counters().expired === 1);
  });

  check('and survives what is no TLS inside TLS', async world => {
    await using server = await serveTls(world);
    const flow = await world.client.tcp.connect(server.address);
    const secure = await world.client.tls.client(flow, {
      serverName: 'one.test',
      trustAnchorsPem: [authorityPem],
    });
    secure.on('error', () => undefined);
    flow.write(encodeUtf8('this is no record, and it comes below TLS'));
    using talk = converse(world.clock, await dialTls(world, server));
    talk.say(request('/'));
    await talk.hears(/hello$/);
    secure.destroy();
  });
}
