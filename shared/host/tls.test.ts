import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { testCertificates } from '../compliance/test-certificates.ts';
import type { Flow, Listener, Tcp } from '../devices/tcp.ts';
import type { TlsFlow, TlsServerOptions } from '../devices/tls.ts';
import { createHostHttp } from './http.ts';
import { createHostTcp } from './tcp.ts';
import { createHostTls } from './tls.ts';

const tcp: Tcp = createHostTcp(() => Promise.resolve(['127.0.0.1']));
const tls = createHostTls();
const { one, authorityPem } = testCertificates;

/** A TLS server on loopback; refused handshakes are its peers' business. */
function listen(options: Partial<TlsServerOptions>, onFlow: (flow: TlsFlow) => void): Promise<Listener> {
  const serve = (flow: Flow): void => {
    tls
      .server(flow, { credentialsFor: () => one, alpnProtocols: [], ...options })
      .then(onFlow, () => undefined);
  };
  return tcp.listen({ host: '127.0.0.1', port: 0 }, serve);
}

/** A ClientHello of TLS 1.2 for 'one.test' without extensions but the name (RFC 5246 §7.4.1.2, RFC 6066 §3). */
function clientHello(version: number): Uint8Array {
  const name = Buffer.from('one.test');
  const list = Buffer.concat([Buffer.from([0, 0, name.length + 3, 0, 0, name.length].slice(1)), name]);
  const extension = Buffer.concat([Buffer.from([0, 0, 0, list.length]), list]);
  const body = Buffer.concat([
    Buffer.from([3, version]),
    Buffer.alloc(32, 1),
    Buffer.from([0, 0, 2, 0xc0, 0x2b, 1, 0, 0, extension.length]),
    extension,
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0, 0, body.length]), body]);
  return Buffer.concat([Buffer.from([22, 3, 1, 0, handshake.length]), handshake]);
}

/** What the server says first to a hello of that version. */
function firstAnswer(port: number, version: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(clientHello(version)));
    socket.once('data', bytes => {
      socket.destroy();
      resolve(bytes as Buffer);
    });
    socket.once('error', reject);
  });
}

const ALERT = 21;
const FATAL = 2;

describe('a TLS client of the host', () => {
  it('takes no older version than it is told to', async () => {
    const options = { cert: one.certificateChainPem, key: one.privateKeyPem, maxVersion: 'TLSv1.2' } as const;
    const server = createServer(options, socket => void socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const dial = async (versionMin?: 'TLSv1.3'): Promise<string | null> => {
      const flow = await tcp.connect({ host: '127.0.0.1', port });
      const trust = { serverName: 'one.test', trustAnchorsPem: [authorityPem] };
      const inside = await tls.client(flow, { ...trust, ...(versionMin !== undefined && { versionMin }) });
      const version = inside.getProtocol();
      inside.destroy();
      return version;
    };
    expect(await dial()).toBe('TLSv1.2');
    await expect(dial('TLSv1.3')).rejects.toMatchObject({ kind: 'handshake-failed' });
    server.close();
  });
});

describe('a TLS server of the host', () => {
  it('sends unrecognized_name for a name it does not serve (RFC 6066 §3)', async () => {
    await using listener = await listen({ credentialsFor: () => undefined }, () => undefined);
    const answer = await firstAnswer(listener.address.port, 3);
    expect([answer[0], answer[5], answer[6]]).toEqual([ALERT, FATAL, 112]);
  });

  it('sends protocol_version to TLS 1.1 (RFC 8996)', async () => {
    await using listener = await listen({}, () => undefined);
    const answer = await firstAnswer(listener.address.port, 2);
    expect([answer[0], answer[5], answer[6]]).toEqual([ALERT, FATAL, 70]);
  });
});

describe('HTTP over TLS', () => {
  it('trusts the anchors or the pin it is given, and nobody else', async () => {
    await using listener = await listen({ alpnProtocols: ['http/1.1'] }, flow => {
      flow.once('data', () => flow.end(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi')));
    });
    const http = createHostHttp({ tcp, tls });
    const url = new URL(`https://one.test:${listener.address.port}/`);
    const ask = (trust: object): Promise<number> =>
      http.request({ method: 'GET', url, ...trust }).then(({ status }) => status);
    expect(await ask({ trustAnchorsPem: [authorityPem] })).toBe(200);
    expect(await ask({ pinnedSha256: testCertificates.sha256Of(one) })).toBe(200);
    await expect(ask({ trustAnchorsPem: [testCertificates.strangerPem] })).rejects.toMatchObject({
      kind: 'not-trusted',
    });
    await expect(
      ask({ pinnedSha256: testCertificates.sha256Of(testCertificates.other) }),
    ).rejects.toMatchObject({
      kind: 'not-trusted',
    });
    await expect(ask({})).rejects.toMatchObject({ kind: 'not-trusted' });
  });
});
