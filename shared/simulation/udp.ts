import type { Udp, UdpBindOptions, UdpSocket } from '../devices/udp.ts';
import { DatagramQueue } from './datagram-queue.ts';
import { openPort, type UdpContext } from './udp-port.ts';
import { serveDataPlane } from './udp-server.ts';

const QUEUE_DEFAULT = 256;

export function createSimulatedUdp(context: UdpContext): Udp {
  return {
    bind: options => bind(context, options),
    serve: options => serveDataPlane(context, options),
  };
}

async function bind(context: UdpContext, options: UdpBindOptions): Promise<UdpSocket> {
  const { life } = context;
  // Before the port is taken, so that an ended life takes none.
  await life.delay(0);
  const queue = new DatagramQueue(options.queueMax ?? QUEUE_DEFAULT);
  const port = openPort(context, options, (bytes, source) => {
    if (!queue.add({ bytes, source })) life.record(`udp ${port.address.port} queue full`);
  });
  const close = async (): Promise<void> => {
    port.close();
    queue.close();
    await life.delay(0);
  };
  return {
    address: port.address,
    send: (bytes, to) => port.send(bytes, to),
    receive: signal => queue.take(signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}
