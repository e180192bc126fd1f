import { once } from 'node:events';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { testCertificates } from '../compliance/test-certificates.ts';
import type { Listener } from '../devices/tcp.ts';
import type { TlsCredentials } from '../devices/tls.ts';
import { createContextCache, CONTEXT_MAX_AGE_MS } from './tls-context.ts';
import { createHostTcp } from './tcp.ts';
import { createHostTls } from './tls.ts';

const { one, renewed } = testCertificates;

/** A server that says 'hi' over TLS, with whatever `credentials` gives at that moment. */
function serve(credentials: () => TlsCredentials = () => one): Promise<Listener> {
  const tls = createHostTls();
  const tcp = createHostTcp(() => Promise.resolve(['127.0.0.1']));
  return tcp.listen({ host: '127.0.0.1', port: 0 }, flow => {
    tls.server(flow, { credentialsFor: credentials, alpnProtocols: [] }).then(
      secured => secured.write(Buffer.from('hi')),
      () => undefined,
    );
  });
}

async function dial({ address }: Listener, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ ...address, servername: 'one.test', rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

const tls12 = { maxVersion: 'TLSv1.2' } as const;
/** OpenSSL's lowest level, so that it is not the client that refuses. */
const anyCipher = (ciphers: string): ConnectionOptions => ({ ...tls12, ciphers: `${ciphers}:@SECLEVEL=0` });

describe('what the server agrees to (Mozilla, server-side TLS, intermediate)', () => {
  it.each([
    ['TLS 1.3 with the hybrid group', {}, 'X25519MLKEM768'],
    ['TLS 1.3 on X25519', { ecdhCurve: 'X25519' }, 'X25519'],
    ['TLS 1.3 on P-384', { ecdhCurve: 'P-384' }, 'secp384r1'],
    ['TLS 1.2 on P-256', { ...tls12, ecdhCurve: 'P-256' }, 'prime256v1'],
  ])('%s', async (_what, options, group) => {
    await using listener = await serve();
    const socket = await dial(listener, options);
    expect(socket.getEphemeralKeyInfo()).toMatchObject({ name: group });
    socket.destroy();
  });

  it.each(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'])(
    'TLS 1.2 with %s',
    async cipher => {
      await using listener = await serve();
      const socket = await dial(listener, anyCipher(cipher));
      expect(socket.getCipher().name).toBe(cipher);
      socket.destroy();
    },
  );

  it.each([
    ['no CBC', anyCipher('ECDHE-ECDSA-AES128-SHA256')],
    ['no SHA-1', anyCipher('ECDHE-ECDSA-AES256-SHA')],
    ['no slow curve', { ecdhCurve: 'P-521' }],
    ['no TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const],
  ])('%s', async (_what, options) => {
    await using listener = await serve();
    await expect(dial(listener, options)).rejects.toThrow();
  });

  it('leaves the choice among good ciphers to the client', async () => {
    await using listener = await serve();
    for (const ciphers of ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256']) {
      const socket = await dial(listener, { ciphers: `${ciphers}:TLS_AES_256_GCM_SHA384` });
      expect(socket.getCipher().name).toBe(ciphers);
      socket.destroy();
    }
  });

  it('does not renegotiate', async () => {
    await using listener = await serve();
    const socket = await dial(listener, tls12);
    const outcome = Promise.withResolvers<Error | null>();
    socket.on('error', outcome.resolve);
    socket.renegotiate({}, outcome.resolve);
    expect(await outcome.promise).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' });
    socket.destroy();
  });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('sessions of %s', maxVersion => {
  it('are resumed while the certificate is the same, and give way to a whole handshake when it changed', async () => {
    let current = one;
    await using listener = await serve(() => current);
    const first = await dial(listener, { maxVersion });
    const session = maxVersion === 'TLSv1.2' ? Promise.resolve(first.getSession()) : ticketOf(first);
    const resumable = (await session) ?? Buffer.alloc(0);
    const again = await dial(listener, { maxVersion, session: resumable });
    expect(again.isSessionReused()).toBe(true);
    current = renewed;
    const after = await dial(listener, { maxVersion, session: resumable });
    expect(after.isSessionReused()).toBe(false);
    const digest = after.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase();
    expect(digest).toBe(testCertificates.sha256Of(renewed));
    for (const socket of [first, again, after]) socket.destroy();
  });
});

async function ticketOf(socket: TLSSocket): Promise<Buffer> {
  const ticket = once(socket, 'session') as Promise<[Buffer]>;
  socket.resume();
  return (await ticket)[0];
}

it('a context, and with it the key of its tickets, is used for half a day', () => {
  let nowMs = 0;
  const contexts = createContextCache(() => nowMs);
  const context = contexts.forServer(one, undefined);
  nowMs = CONTEXT_MAX_AGE_MS - 1;
  expect(contexts.forServer(one, undefined)).toBe(context);
  nowMs = CONTEXT_MAX_AGE_MS;
  const next = contexts.forServer(one, undefined);
  expect(next).not.toBe(context);
  expect(contexts.forServer(one, undefined)).toBe(next);
});
