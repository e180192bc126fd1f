import { createSocket, type Socket } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import { DeviceError } from '../devices/device-error.ts';
import type { Endpoint } from '../devices/tcp.ts';
import { formatEndpoint } from './address.ts';
import { toDeviceError } from './system-error.ts';

/** A bound socket. @throws DeviceError naming the address. */
export function openSocket({ host, port }: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const onError = (cause: Error): void => {
      socket.close();
      reject(toDeviceError(cause, `cannot bind ${formatEndpoint({ host, port })} (UDP)`));
    };
    socket.once('error', onError);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', onError);
      // An ICMP answer to something sent earlier: loss is silent.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

export function addressOf(socket: Socket): Endpoint {
  const { address, port } = socket.address();
  return { host: address, port };
}

export function sendFrom(socket: Socket, bytes: Uint8Array, to: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const what = `cannot send ${bytes.length} bytes to ${formatEndpoint(to)}`;
    try {
      // RFC 4291 §2.5.5.2: an IPv6 socket reaches an IPv4 address by its mapped form.
      const mapped = isIPv4(to.host) && isIPv6(socket.address().address);
      socket.send(bytes, to.port, mapped ? `::ffff:${to.host}` : to.host, error => {
        if (error === null) resolve();
        else reject(toDeviceError(error, what));
      });
    } catch (cause) {
      // ERR_SOCKET_DGRAM_NOT_RUNNING: closed in the meantime.
      reject(new DeviceError('closed', `${what}: the socket is closed`, { cause }));
    }
  });
}

export function closeSocket(socket: Socket): Promise<void> {
  return new Promise(resolve => socket.close(() => resolve()));
}

/** The same memory without Buffer's own meaning of `slice`, which shares where an array's copies. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
