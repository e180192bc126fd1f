import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { concatBytes, viewOf } from '../base/bytes.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { Endpoint } from '../devices/tcp.ts';
import type { Message } from '../protocols/dns/message.ts';
import { plainBytes } from './udp-socket.ts';

/** The message if `bytes` are an answer to what was asked; anything else is somebody's forgery or an old answer. */
export type Accept = (bytes: Uint8Array) => Message | undefined;

/** Sends `query` and waits for an acceptable answer; other datagrams are passed over. @throws the signal's reason. */
export function exchangeUdp(
  to: Endpoint,
  query: Uint8Array,
  accept: Accept,
  signal: AbortSignal,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(to.host) ? 'udp6' : 'udp4');
    const finish = settle(signal, () => socket.close(), reject);
    socket.on('error', cause => finish(() => reject(cause)));
    socket.on('message', bytes => {
      const message = accept(plainBytes(bytes));
      if (message !== undefined) finish(() => resolve(message));
    });
    // Connected, so that the kernel drops what comes from elsewhere and reports a closed port.
    socket.connect(to.port, to.host, () => {
      if (!signal.aborted) socket.send(query);
    });
  });
}

/** The same over TCP, where a message follows its length in two bytes (RFC 1035 §4.2.2). */
export function exchangeTcp(
  to: Endpoint,
  query: Uint8Array,
  accept: Accept,
  signal: AbortSignal,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: to.host, port: to.port, noDelay: true });
    const finish = settle(signal, () => socket.destroy(), reject);
    const length = new Uint8Array(2);
    viewOf(length).setUint16(0, query.length);
    // RFC 7766 §8: length and message in one write, since some servers wait for a whole segment.
    socket.write(concatBytes([length, query]));
    let received: Uint8Array = new Uint8Array(0);
    socket.on('data', (chunk: Uint8Array) => {
      received = concatBytes([received, chunk]);
      const end = received.length < 2 ? Infinity : 2 + viewOf(received).getUint16(0);
      if (received.length < end) return;
      const message = accept(plainBytes(received.subarray(2, end)));
      finish(() =>
        message === undefined
          ? reject(new DeviceError('failed', 'an answer to another question'))
          : resolve(message),
      );
    });
    socket.on('error', cause => finish(() => reject(cause)));
    socket.on('close', () => finish(() => reject(new DeviceError('reset', 'closed before the answer'))));
  });
}

/** Runs one outcome and no other; releases the socket first. An abort is such an outcome. */
function settle(
  signal: AbortSignal,
  release: () => void,
  reject: (reason: Error) => void,
): (outcome: () => void) => void {
  let settled = false;
  const finish = (outcome: () => void): void => {
    if (settled) return;
    settled = true;
    signal.removeEventListener('abort', onAbort);
    release();
    outcome();
  };
  const onAbort = (): void => finish(() => reject(signal.reason as Error));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) queueMicrotask(onAbort);
  return finish;
}
