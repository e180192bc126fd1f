import { isBuiltin } from 'node:module';
import { DeviceError } from '../devices/device-error.ts';
import type { Log } from '../devices/log.ts';
import type {
  Datagram,
  DataPlanes,
  Udp,
  UdpBindOptions,
  UdpServeOptions,
  UdpServer,
  UdpSocket,
} from '../devices/udp.ts';
import { formatEndpoint } from './address.ts';
import { QUEUE_MAX_DEFAULT, servePortable } from './udp-portable.ts';
import { addressOf, closeSocket, openSocket, plainBytes, sendFrom } from './udp-socket.ts';

export interface HostUdpOptions {
  /** The composition root, whose first act in a worker is `runHostWorker`. */
  readonly entry: string | URL;
  readonly planes: DataPlanes;
  readonly log: Log;
  /** 'batched' needs Linux and node:ffi; the default is to use it where they are. */
  readonly engine?: 'batched' | 'portable';
}

/** UDP of the host: single datagrams by node:dgram, data planes by batched system calls in workers. */
export function createHostUdp(options: HostUdpOptions): Udp {
  const engine =
    options.engine ?? (process.platform === 'linux' && isBuiltin('node:ffi') ? 'batched' : 'portable');
  return { bind, serve: serving => (engine === 'batched' ? serveBatched : servePortable)(serving, options) };
}

/** Loaded only where it is used: a host without node:ffi cannot even read it. */
async function serveBatched(serving: UdpServeOptions, options: HostUdpOptions): Promise<UdpServer> {
  const batched = await import('./udp-batched.ts');
  return await batched.serveBatched(serving, options);
}

async function bind(options: UdpBindOptions): Promise<UdpSocket> {
  const socket = await openSocket(options);
  const queueMax = options.queueMax ?? QUEUE_MAX_DEFAULT;
  const queue: Datagram[] = [];
  const waiting: { resolve: (datagram: Datagram) => void; reject: (reason: Error) => void }[] = [];
  let closed: DeviceError | undefined;
  socket.on('message', (bytes, { address, port }) => {
    const datagram = { bytes: plainBytes(bytes), source: { host: address, port } };
    const next = waiting.shift();
    if (next !== undefined) next.resolve(datagram);
    else if (queue.length < queueMax) queue.push(datagram);
  });

  function receive(signal?: AbortSignal): Promise<Datagram> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      if (closed !== undefined) return reject(closed);
      const first = queue.shift();
      if (first !== undefined) return resolve(first);
      const done = (): void => signal?.removeEventListener('abort', onAbort);
      const entry = {
        resolve: (datagram: Datagram) => (done(), resolve(datagram)),
        reject: (reason: Error) => (done(), reject(reason)),
      };
      const onAbort = (): void => {
        waiting.splice(waiting.indexOf(entry), 1);
        entry.reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      waiting.push(entry);
    });
  }

  async function close(): Promise<void> {
    if (closed !== undefined) return;
    closed = new DeviceError('closed', `the socket on ${formatEndpoint(options)} is closed`);
    for (const { reject } of waiting.splice(0)) reject(closed);
    queue.length = 0;
    await closeSocket(socket);
  }

  return {
    address: addressOf(socket),
    send: (bytes, to) => sendFrom(socket, bytes, to),
    receive,
    close,
    [Symbol.asyncDispose]: close,
  };
}
