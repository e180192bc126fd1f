import type { ServiceContext } from '../../../shared/appliance/service.ts';
import {
  openCertificates,
  type CertificateDevices,
  type Certificates,
} from '../../../shared/components/certificates/certificates.ts';
import {
  certificatesConfiguration,
  type CertificatesConfiguration,
} from '../../../shared/components/certificates/configuration.ts';
import { toName } from '../../../shared/components/dns-update/aliases.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { Endpoint, Listener } from '../../../shared/devices/tcp.ts';
import type { StreamTransport } from '../../../shared/protocols/dns/answer/stream-responder.ts';
import type { DnsServiceConfiguration } from '../config.ts';
import type { Handle } from '../passed-on/handle.ts';
import { StreamServer } from '../passed-on/stream-server.ts';
import type { KeptZone } from '../zones/kept-zone.ts';
import { createHttpConverse } from './converse-by-http.ts';
import type { Events } from '../events.ts';
import { listenEncrypted } from './listen.ts';
import type { Pages } from './pages.ts';
import { createOwnZoneSolver, zoneOf } from './own-zone-solver.ts';

export type EncryptedDevices = CertificateDevices & Pick<Devices, 'tls'>;

export interface EncryptedConfiguration extends DnsServiceConfiguration {
  /** The table that all services share; absent: its defaults. */
  readonly certificates?: CertificatesConfiguration;
}

export interface Answering {
  readonly zones: readonly KeptZone[];
  /** Where this server is asked by UDP, from this machine too. */
  readonly plain: Endpoint;
  readonly answer: (transport: StreamTransport) => Handle;
  readonly events: Events;
  /** Served by HTTPS beside DNS. */
  readonly pages: Pages | undefined;
}

/** DNS over TLS (RFC 7858) and over HTTPS (RFC 8484), while they are served. */
export interface Encrypted extends AsyncDisposable {
  readonly certificates: Certificates;
  readonly tls: StreamServer;
  readonly https: StreamServer;
  readonly tlsListener: Listener;
  readonly httpsListener: Listener;
}

/** undefined: the server has no name that a certificate could stand for. @throws DeviceError where a port cannot be had. */
export async function openEncrypted(
  config: EncryptedConfiguration,
  answering: Answering,
  devices: EncryptedDevices,
  context: ServiceContext,
): Promise<Encrypted | undefined> {
  if (config['server-names'].length === 0) return undefined;
  await using undo = new AsyncDisposableStack();
  const certificates = undo.use(await openOwnCertificates(config, answering, devices, context));
  const common = { max: config['connections-max'], perAddressMax: config['connections-per-address-max'] };
  const { clock } = devices;
  const onFault = (error: unknown): void => answering.events.fault('HTTPS', error);
  const tls = undo.use(
    new StreamServer({ ...common, transport: 'tls', answer: answering.answer('tls') }, clock),
  );
  const https = undo.use(
    new StreamServer(
      {
        ...common,
        transport: 'https',
        answer: answering.answer('https'),
        converse: createHttpConverse({ pages: answering.pages, onFault }, clock),
      },
      clock,
    ),
  );
  const listeners = undo.use(
    await listenEncrypted(config, { certificates, tls, https, events: answering.events }, devices),
  );
  answering.events.listeningEncrypted(listeners.tls.address, listeners.https.address);
  const parts = undo.move();
  return {
    certificates,
    tls,
    https,
    tlsListener: listeners.tls,
    httpsListener: listeners.https,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function openOwnCertificates(
  config: EncryptedConfiguration,
  { zones, plain }: Answering,
  devices: EncryptedDevices,
  { addresses, secret, health }: ServiceContext,
): Promise<Certificates> {
  const names = config['server-names'];
  const { certificates = certificatesConfiguration.parse(undefined) } = config;
  // Whoever has authority for the names proves them by it, and needs no credential of anybody.
  const isOwn = names.every(name => zoneOf(toName(name), zones) !== undefined);
  const own = {
    configuration: { ...certificates, challenges: ['dns-01' as const] },
    dnsSolver: createOwnZoneSolver({ zones, here: hereOf(plain) }, devices),
  };
  return openCertificates(
    {
      nameSets: [names],
      // RFC 9539 §3.3: resolvers that try encryption may ask for any name, or for none.
      answersAnyName: true,
      addresses,
      secret,
      ...(isOwn ? own : { configuration: certificates }),
    },
    devices,
    health,
  );
}

/** Every address of the machine is this one too. */
function hereOf({ host, port }: Endpoint): Endpoint {
  const isAny = host === '::' || host === '0.0.0.0';
  return { host: isAny ? '127.0.0.1' : host, port };
}
