import { createServer, isIP, type AddressInfo, type Server, type Socket } from 'node:net';
import { assert } from '../base/assert.ts';
import type { Listener, ListenOptions, Flow, Tcp } from '../devices/tcp.ts';
import { formatEndpoint } from './address.ts';
import { connectFlow, type AddressLookup } from './tcp-connect.ts';
import { toDeviceError } from './system-error.ts';

/** Connections that the kernel completes before we accept them: a burst of new visitors. The kernel caps it by somaxconn. */
const BACKLOG_MAX = 1_024;

/** TCP of the host. A name is looked up with `lookup`, so that every question goes through our own Resolver. */
export function createHostTcp(lookup: AddressLookup): Tcp {
  return { listen, connect: options => connectFlow(options, lookup) };
}

async function listen(options: ListenOptions, onFlow: (flow: Flow) => void): Promise<Listener> {
  assert(isIP(options.host) !== 0, `a listener binds a numeric address, not ${options.host}`);
  // Half-open, since `end()` closes one direction alone.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    socket.on('error', ignoreError);
    onFlow(socket);
  });
  if (options.maxFlows !== undefined) server.maxConnections = options.maxFlows;
  await bind(server, options);
  const { address, port } = server.address() as AddressInfo;
  const close = closing(server);
  return { address: { host: address, port }, close, [Symbol.asyncDispose]: close };
}

function bind(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void =>
      reject(toDeviceError(cause, `cannot listen on ${formatEndpoint({ host, port })} (TCP)`));
    server.once('error', onError);
    server.listen({ host, port, backlog: BACKLOG_MAX }, () => {
      server.off('error', onError);
      // An accept may fail later for want of descriptors; the listener goes on and so must the process.
      server.on('error', ignoreError);
      resolve();
    });
  });
}

/** The descriptor is closed within the call; the server's own callback would wait for every flow to end. */
function closing(server: Server): () => Promise<void> {
  return () => {
    if (server.listening) server.close();
    return new Promise(resolve => setImmediate(resolve));
  };
}

function ignoreError(this: Server | Socket, _error: Error): void {
  // Whoever uses the flow sees 'close'; a reset by a stranger is no event of ours.
}
