import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { connect as http2Connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../shared/base/bytes.ts';
import { testCertificates } from '../../shared/compliance/test-certificates.ts';
import type { Certificates } from '../../shared/components/certificates/certificates.ts';
import type { TlsCredentials } from '../../shared/devices/tls.ts';
import { createHostDevices } from '../../shared/host/devices.ts';
import { sitesOf, webServiceConfiguration } from '../../services/web-service/config.ts';
import { Backends } from '../../services/web-service/backends.ts';
import { Connections } from '../../services/web-service/connections.ts';
import { createEvents } from '../../services/web-service/events.ts';
import { webServicePlanes } from '../../services/web-service/http-planes.ts';
import { webServiceJobs } from '../../services/web-service/jobs.ts';
import { listen } from '../../services/web-service/listen.ts';
import { createRecords } from '../../services/web-service/records/records.ts';
import { Sites } from '../../services/web-service/sites.ts';
import { eventually } from '../eventually.ts';
import { askOn } from './client.ts';

const run = promisify(execFile);
const { one, renewed, other } = testCertificates;

/** Certificates as a test wants them at that moment. */
const shown: { current: TlsCredentials; challenge: TlsCredentials | undefined; authorization?: string } = {
  current: one,
  challenge: undefined,
};
const listening = new Set<() => void>();
const certificates: Certificates = {
  credentialsFor: name => (name === undefined || name === 'one.test' ? shown.current : undefined),
  challengeCredentialsFor: name => (name === 'one.test' ? shown.challenge : undefined),
  keyAuthorizationFor: token => (token === 'token' ? shown.authorization : undefined),
  status: () => [],
  subscribe(onChange) {
    listening.add(onChange);
    return { [Symbol.dispose]: () => void listening.delete(onChange) };
  },
  async [Symbol.asyncDispose]() {},
};

/** A new object each time, as a renewal makes it. */
function show(credentials: TlsCredentials): void {
  shown.current = { ...credentials };
  for (const onChange of listening) onChange();
}

interface Opened extends AsyncDisposable {
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** The web service's listeners with a site of one page, over the devices of this host. */
async function openService(engine: 'direct' | 'node'): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-certificates-'));
  const devices = await createHostDevices({
    entry: new URL('worker-entry.ts', import.meta.url).href,
    dataFolder: folder,
    planes: {},
    httpPlanes: webServicePlanes,
    jobs: webServiceJobs,
    services: {},
    logOutput: false,
  });
  const ports = { address: '127.0.0.1', 'http-port': 0, 'https-port': 0 };
  const config = webServiceConfiguration.parse({ names: ['one.test'], engine, ...ports });
  const sites = new Sites(sitesOf(config), devices);
  const staged = await sites.stage(0, [{ path: 'index.html', bytes: encodeUtf8('home') }]);
  if (staged.ok) staged.value();
  const limits = { max: 1_000, perAddressMax: 1_000, idleMaxMs: 30_000 };
  const connections = new Connections(limits, devices.clock);
  const listeners = await listen(config, devices, {
    sites,
    later: () => Promise.reject(new Error('every answer of this site is a page')),
    certificates,
    connections,
    backends: new Backends([], devices, { degrade: () => undefined, recover: () => undefined }),
    records: createRecords(['one.test'], { level: 'off', bytesPerDay: 0 }, devices),
    events: createEvents(devices),
  });
  return {
    httpPort: listeners.http.address.port,
    httpsPort: listeners.https.address.port,
    async [Symbol.asyncDispose]() {
      await listeners.close();
      await connections.drain(1_000);
      await devices[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const peer = (port: number): { host: string; port: number; servername: string; ca: string } => ({
  host: '127.0.0.1',
  port,
  servername: 'one.test',
  ca: testCertificates.authorityPem,
});

function get(port: number, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { ...peer(port), agent, path: '/', headers: { host: 'one.test' } };
    const sent = request(options, response => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', reject);
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** What a new connection that speaks this protocol is shown. */
function fingerprint(port: number, protocol: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = tlsConnect({ ...peer(port), ALPNProtocols: [protocol] }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

/** Waits until new connections are shown the present certificate; a worker hears of it a moment later. */
async function untilShown(port: number, protocol: string): Promise<void> {
  const wanted = new X509Certificate(shown.current.certificateChainPem).fingerprint256;
  const isShown = async (): Promise<boolean> => (await fingerprint(port, protocol)) === wanted;
  await eventually(`${protocol} shows the new certificate`, isShown, { timeoutMs: 2_000, pollMs: 5 });
}

interface Load {
  readonly counts: { kept: number; fresh: number; session: number; failed: number };
  /** Ends it; gives whether the HTTP/2 connection lasted. */
  stop(): Promise<boolean>;
}

/** Visitors over kept, new and HTTP/2 connections, until stopped or until one fails. */
function startLoad(port: number): Load {
  const kept = new Agent({ keepAlive: true, maxSockets: 8 });
  const fresh = new Agent({ keepAlive: false });
  const session = http2Connect(`https://127.0.0.1:${port}`, peer(port));
  session.on('error', () => undefined);
  session.setMaxListeners(0);
  const counts = { kept: 0, fresh: 0, session: 0, failed: 0 };
  const stop = new AbortController();
  const visit = async (kind: 'kept' | 'fresh' | 'session', ask: () => Promise<number>): Promise<void> => {
    while (!stop.signal.aborted && counts.failed === 0) {
      const served = await ask().then(
        status => status === 200,
        () => false,
      );
      counts[kind]++;
      if (!served) counts.failed++;
    }
  };
  const ask = { path: '/', headers: { ':authority': 'one.test' } };
  const visits = [
    ...Array.from({ length: 4 }, () => visit('kept', () => get(port, kept))),
    ...Array.from({ length: 4 }, () => visit('fresh', () => get(port, fresh))),
    ...Array.from({ length: 2 }, () => visit('session', async () => (await askOn(session, ask)).status)),
  ];
  return {
    counts,
    async stop() {
      stop.abort();
      await Promise.all(visits);
      const lasted = !session.closed && !session.destroyed;
      session.close();
      kept.destroy();
      return lasted;
    },
  };
}

describe.each(['direct', 'node'] as const)('the certificates of the web service, engine %s', engine => {
  let service: Opened;
  beforeAll(async () => {
    service = await openService(engine);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  it('change under load without a failed request or a dropped connection', async () => {
    const load = startLoad(service.httpsPort);
    const CHANGES = 25;
    for (let change = 1; change <= CHANGES; change++) {
      show(change % 2 === 0 ? one : renewed);
      for (const protocol of ['h2', 'http/1.1']) await untilShown(service.httpsPort, protocol);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    const { counts } = load;
    expect(await load.stop(), 'the HTTP/2 connection lasted').toBe(true);
    console.log(`${engine}: ${CHANGES} changes of certificate: ${JSON.stringify(counts)}`);
    expect(counts.failed).toBe(0);
    expect(Math.min(counts.kept, counts.fresh, counts.session)).toBeGreaterThan(CHANGES);
  });

  it('shows the certificate of a validation to the authority alone, and then closes (RFC 8737 §4)', async () => {
    shown.challenge = other;
    const validate = async (alpn: string): Promise<string> => {
      const to = [
        's_client',
        '-connect',
        `127.0.0.1:${service.httpsPort}`,
        '-servername',
        'one.test',
        '-alpn',
        alpn,
      ];
      const { stdout, stderr } = await run('openssl', to, { timeout: 20_000 }).catch(
        (error: { stdout: string; stderr: string }) => error,
      );
      return stdout + stderr;
    };
    // The input of s_client stays open: it ends since the server closes.
    const validated = await validate('acme-tls/1');
    expect(validated).toMatch(/ALPN protocol: acme-tls\/1/);
    expect(validated).toMatch(/subject=CN = other\.test/);
    shown.challenge = undefined;
    expect(await validate('acme-tls/1')).toMatch(/unrecognized name|alert number 112/);
  });

  it('answers the authority on port 80, and sends everybody else to HTTPS', async () => {
    shown.authorization = 'token.thumbprint';
    const curl = async (path: string): Promise<string> => {
      const url = `http://127.0.0.1:${service.httpPort}${path}`;
      return (await run('curl', ['-s', '-w', ' %{http_code} %{redirect_url}', '-H', 'host: one.test', url]))
        .stdout;
    };
    expect(await curl('/.well-known/acme-challenge/token')).toBe('token.thumbprint 200 ');
    const https = `https://one.test:${service.httpsPort}`;
    expect(await curl('/.well-known/acme-challenge/other')).toContain(
      ` 308 ${https}/.well-known/acme-challenge/other`,
    );
    expect(await curl('/')).toContain(` 308 ${https}/`);
  });
});
