import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** So often a port that was free for TCP may be taken for UDP. */
const ATTEMPTS = 10;

/** A TCP port of the loopback address that is free now, with `datagrams` for UDP as well: `preferred` if it is. */
export async function freePort(preferred = 0, { datagrams = false } = {}): Promise<number> {
  for (const wanted of [preferred, ...Array.from({ length: ATTEMPTS }, () => 0)]) {
    const port = await tryPort(wanted);
    if (port !== undefined && (!datagrams || (await isFreeForDatagrams(port)))) return port;
  }
  throw new Error('no free port on 127.0.0.1');
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port }, () => {
      const bound = (server.address() as AddressInfo).port;
      server.close(() => resolve(bound));
    });
  });
}

function isFreeForDatagrams(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
