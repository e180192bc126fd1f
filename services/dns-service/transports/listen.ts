import type { Certificates } from '../../../shared/components/certificates/certificates.ts';
import { createFront, type FrontClaim, type FrontEvents } from '../../../shared/components/front/front.ts';
import { validationClaim } from '../../../shared/components/front/validation-claim.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { Flow, Listener } from '../../../shared/devices/tcp.ts';
import type { TlsFlow } from '../../../shared/devices/tls.ts';
import { DOT } from '../../../shared/protocols/dns/alpn.ts';
import { ANY, NONE } from '../../../shared/protocols/front/claims.ts';
import type { DnsServiceConfiguration } from '../config.ts';
import type { StreamServer } from '../passed-on/stream-server.ts';
import { Handshakes, type Handshake } from './handshakes.ts';

interface Served {
  readonly certificates: Pick<Certificates, 'credentialsFor' | 'challengeCredentialsFor'>;
  readonly tls: StreamServer;
  readonly https: StreamServer;
  readonly events: FrontEvents;
}

export interface EncryptedListeners extends AsyncDisposable {
  readonly tls: Listener;
  readonly https: Listener;
}

/** Opens both ports, or neither. @throws DeviceError as `Tcp.listen` */
export async function listenEncrypted(
  config: DnsServiceConfiguration,
  served: Served,
  devices: Pick<Devices, 'tcp' | 'tls' | 'clock'>,
): Promise<EncryptedListeners> {
  await using undo = new AsyncDisposableStack();
  const handshakes = undo.use(new Handshakes(devices.clock));
  const { dot, doh, validations } = claimsOf(served, handshakes);
  const listen = async (port: number, claims: readonly FrontClaim<Handshake>[]): Promise<Listener> => {
    const front = createFront(claims, devices, served.events);
    const onFlow = (flow: Flow): void => {
      const handshake = handshakes.begin(flow);
      if (handshake !== undefined) front.accept(flow, handshake);
    };
    return undo.use(await devices.tcp.listen({ host: config.address, port }, onFlow));
  };
  // RFC 7858 §3.1: on this port nothing else is spoken, so that clients need not say what they speak.
  const tls = await listen(config['tls-port'], [{ ...dot, alpnProtocols: [DOT, NONE] }]);
  const https = await listen(config['https-port'], [doh, dot, validations]);
  const parts = undo.move();
  return { tls, https, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

function claimsOf(
  { certificates, tls, https }: Served,
  handshakes: Handshakes,
): Record<'dot' | 'doh' | 'validations', FrontClaim<Handshake>> {
  const credentialsFor = (name: string | undefined) => certificates.credentialsFor(name);
  const serveBy = (server: StreamServer) => ({
    credentialsFor,
    accept: (flow: TlsFlow, handshake: Handshake) => {
      handshakes.end(handshake);
      server.accept(flow);
    },
  });
  return {
    dot: { owner: 'DNS over TLS', names: [ANY], alpnProtocols: [DOT], terminate: serveBy(tls) },
    // RFC 8484 §5.2: HTTP/2 is the least that is recommended. Routers that report addresses speak HTTP/1.1, and mostly without saying so.
    doh: {
      owner: 'DNS over HTTPS',
      names: [ANY],
      alpnProtocols: ['h2', 'http/1.1', NONE],
      terminate: serveBy(https),
    },
    validations: validationClaim(certificates),
  };
}
