import { Socket } from 'node:net';
import type { Flow } from '../devices/tcp.ts';
import { toDeviceError } from './system-error.ts';

/**
 * Takes over a connected TCP descriptor that came from elsewhere, a worker that accepted it: ownership passes with the number, so
 * from now on the flow closes it and nobody else may. Nothing that was not read from it is lost.
 * @throws DeviceError `failed` where the number is no open stream socket: it is then still the caller's.
 */
export function flowFromDescriptor(descriptor: number): Flow {
  const socket = open(descriptor);
  socket.on('error', ignoreError);
  // As of a listener: half-open, since `end()` closes one direction alone, and without Nagle's wait.
  socket.setNoDelay(true);
  return socket;
}

function open(fd: number): Socket {
  try {
    return new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
  } catch (cause) {
    throw toDeviceError(cause, `descriptor ${fd} cannot be a flow`);
  }
}

function ignoreError(_error: Error): void {
  // Whoever uses the flow sees 'close'; a reset by a stranger is no event of ours.
}
