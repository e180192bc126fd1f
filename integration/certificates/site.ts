import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import {
  openCertificates,
  type CertificateDevices,
  type Certificates,
  type CertificatesWanted,
} from '../../shared/components/certificates/certificates.ts';
import {
  certificatesConfiguration,
  type CertificatesConfiguration,
} from '../../shared/components/certificates/configuration.ts';
import type { RecordType, Resolver } from '../../shared/devices/resolver.ts';
import type { Listener } from '../../shared/devices/tcp.ts';
import { createHostDevices, type HostDevices } from '../../shared/host/devices.ts';
import { lastingPort } from '../lasting-port.ts';
import { complianceWorlds } from '../host/compliance-entry.ts';
import type { Pebble } from './pebble.ts';

/** Where pebble looks for proofs and where a site answers: one site at a time. */
export interface SitePorts {
  readonly httpPort: number;
  readonly tlsPort: number;
}

export async function freeSitePorts(): Promise<SitePorts> {
  return { httpPort: await lastingPort(), tlsPort: await lastingPort() };
}

export interface SiteOptions {
  readonly ports: SitePorts;
  readonly dataFolder: string;
  readonly names: readonly string[];
  readonly configuration: Partial<CertificatesConfiguration>;
  readonly secret?: NonNullable<CertificatesWanted['secret']>;
  /** Another clock or resolver than the usual. */
  readonly devices?: Partial<Pick<CertificateDevices, 'clock' | 'resolver'>>;
}

/** Certificates over real devices, and what answers validations for them: what a service does, and no more. */
export interface Site extends AsyncDisposable {
  readonly certificates: Certificates;
  /** Health conditions that hold now. */
  readonly troubles: ReadonlyMap<string, string>;
  /** Resolves when an authority's certificate is shown. @throws Error with the state when it takes longer than a minute. */
  valid(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const PATIENCE_MS = 60_000;

/** Preflight looks names up: here they all lead to this machine, and nobody has CAA records. */
export const loopbackResolver: Resolver = {
  async resolve(name, type: RecordType) {
    const known: Partial<Record<RecordType, string>> = {
      A: name.startsWith('ns2.') ? '127.0.0.2' : LOOPBACK,
    };
    const found = known[type];
    return {
      records: (found === undefined ? [] : [found]) as never[],
      exists: true,
      secure: false,
      ttlSeconds: 1,
    };
  },
};

/** What a site must know of an authority. */
export type AuthorityAddress = Pick<Pebble, 'directoryUrl' | 'trustAnchorPem'>;

export async function openSite(authority: AuthorityAddress, options: SiteOptions): Promise<Site> {
  const host = await createHostDevices({
    entry: import.meta.url,
    dataFolder: options.dataFolder,
    logOutput: { write: () => undefined },
    ...complianceWorlds,
  });
  const devices: CertificateDevices = { ...host, resolver: loopbackResolver, ...options.devices };
  const troubles = new Map<string, string>();
  const health = {
    degrade: (key: string, reason: string) => void troubles.set(key, reason),
    recover: (key: string) => void troubles.delete(key),
  };
  const configuration = certificatesConfiguration.parse({
    ca: authority.directoryUrl(),
    'trust-anchors': [authority.trustAnchorPem],
    ...options.configuration,
  });
  const certificates = await openCertificates(
    { nameSets: [options.names], configuration, secret: options.secret },
    devices,
    health,
  );
  const http = await answerHttp(certificates, options.ports.httpPort);
  const tls = await answerTls(certificates, host, options.ports.tlsPort);
  return {
    certificates,
    troubles,
    valid: () => untilValid(certificates),
    async [Symbol.asyncDispose]() {
      await certificates[Symbol.asyncDispose]();
      await tls.close();
      http.closeAllConnections();
      http.close();
      await host[Symbol.asyncDispose]();
    },
  };
}

// RFC 8555 §8.3.
async function answerHttp(certificates: Certificates, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const token = /^\/\.well-known\/acme-challenge\/([^/]+)$/.exec(request.url ?? '')?.[1];
    const body = token === undefined ? undefined : certificates.keyAuthorizationFor(token);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' });
    response.end(body);
  });
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  return server;
}

// RFC 8737 §3: the validation certificate, and the connection is over after the handshake.
function answerTls(certificates: Certificates, { tcp, tls }: HostDevices, port: number): Promise<Listener> {
  return tcp.listen({ host: LOOPBACK, port }, flow => {
    const credentialsFor = (serverName: string | undefined) =>
      serverName === undefined ? undefined : certificates.challengeCredentialsFor(serverName);
    void tls.server(flow, { credentialsFor, alpnProtocols: ['acme-tls/1'] }).then(
      secured => secured.end(),
      () => undefined,
    );
  });
}

async function untilValid(certificates: Certificates): Promise<void> {
  const isValid = (): boolean => certificates.status()[0]?.issuer !== 'self-signed';
  const changed = Promise.withResolvers<void>();
  using _watching = certificates.subscribe(() => changed.resolve());
  if (isValid()) return;
  const late = setTimeout(
    () => changed.reject(new Error(`no certificate: ${JSON.stringify(certificates.status())}`)),
    PATIENCE_MS,
  );
  await changed.promise.finally(() => clearTimeout(late));
}
