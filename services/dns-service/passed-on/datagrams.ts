import type { Endpoint } from '../../../shared/devices/tcp.ts';
import type { Datagram, PlaneShared, Udp, UdpServer } from '../../../shared/devices/udp.ts';
import type { Events } from '../events.ts';
import { DNS_PLANE } from '../planes.ts';
import type { Handle } from './handle.ts';
import { addressBytes } from './stream-server.ts';

export interface DatagramOptions {
  readonly endpoint: Endpoint;
  /** What the plane answers from at first. */
  readonly compiled: PlaneShared;
  /** Answers what the plane passes on. */
  readonly handle: Handle;
  readonly events: Pick<Events, 'fault'>;
}

/** Answers by UDP. @throws DeviceError as `Udp.serve` */
export async function serveDatagrams(
  { endpoint, compiled, handle, events }: DatagramOptions,
  { udp }: { readonly udp: Udp },
): Promise<UdpServer> {
  const server: UdpServer = await udp.serve({
    ...endpoint,
    plane: DNS_PLANE,
    shared: compiled,
    onPassedOn(datagram) {
      // Whatever a stranger sent, the process goes on.
      answerDatagram(server, handle, datagram).catch(error => events.fault('a datagram', error));
    },
  });
  return server;
}

async function answerDatagram(server: UdpServer, handle: Handle, { bytes, source }: Datagram): Promise<void> {
  const replies = await handle(bytes, { source: addressBytes(source), transport: 'udp' });
  // An answer that cannot be sent is a lost datagram.
  for (const reply of replies) server.send(reply, source).catch(() => undefined);
}
