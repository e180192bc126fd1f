import { closeSync } from 'node:fs';
import type { Endpoint } from '../../devices/tcp.ts';
import { openBoundSocket, SOCK, SOL_SOCKET, type BoundSocket } from './bound-socket.ts';
import { EAGAIN, lastErrno, processLibrary, SystemCallError } from './library.ts';
import { encodeSocketAddress } from './socket-address.ts';

const SO_RCVBUF = 8;
const MSG_DONTWAIT = 0x40;

/** Asked for, and capped by net.core.rmem_max: room for what comes while the plane works on a batch. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

const calls = processLibrary.getFunctions({
  sendto: { arguments: ['i32', 'pointer', 'u64', 'i32', 'pointer', 'u32'], return: 'i64' },
});

export interface DatagramSocket extends BoundSocket, Disposable {
  /** @throws SystemCallError; a full send buffer is a lost datagram. */
  send(bytes: Uint8Array, to: Endpoint): void;
}

/** A bound socket; `shared`: others may bind the same address, and the kernel spreads the datagrams. @throws SystemCallError. */
export function openDatagramSocket(bindTo: Endpoint, shared: boolean): DatagramSocket {
  const options = [[SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES]] as const;
  const socket = openBoundSocket(bindTo, { type: SOCK.DGRAM, options, shared });
  return {
    ...socket,
    send: (bytes, to) => send(socket.descriptor, bytes, encodeSocketAddress(to, socket.family)),
    [Symbol.dispose]: () => closeSync(socket.descriptor),
  };
}

function send(descriptor: number, bytes: Uint8Array, to: Uint8Array): void {
  // A view of no bytes has no address to give.
  const from = bytes.length === 0 ? null : bytes;
  const sent = calls.sendto(descriptor, from, BigInt(bytes.length), MSG_DONTWAIT, to, to.length);
  if (sent >= 0) return;
  const errno = lastErrno();
  if (errno !== EAGAIN) throw new SystemCallError('sendto', errno, '');
}
