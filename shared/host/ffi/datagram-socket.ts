import { closeSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import type { Endpoint } from '../../devices/tcp.ts';
import { checkResult, lastErrno, processLibrary, SystemCallError } from './library.ts';
import {
  AF,
  decodeSocketAddress,
  encodeSocketAddress,
  SOCKET_ADDRESS,
  type Family,
} from './socket-address.ts';

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const MSG_DONTWAIT = 0x40;
const EFD_NONBLOCK = 0x800;
const EFD_CLOEXEC = 0x80000;
const EAGAIN = 11;

/** Asked for, and capped by net.core.rmem_max: room for what comes while the plane works on a batch. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

const calls = processLibrary.getFunctions({
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'pointer', 'u32'], return: 'i32' },
  bind: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
  getsockname: { arguments: ['i32', 'pointer', 'pointer'], return: 'i32' },
  sendto: { arguments: ['i32', 'pointer', 'u64', 'i32', 'pointer', 'u32'], return: 'i64' },
  eventfd: { arguments: ['u32', 'i32'], return: 'i32' },
  eventfd_write: { arguments: ['i32', 'u64'], return: 'i32' },
});

export interface DatagramSocket extends Disposable {
  readonly descriptor: number;
  readonly family: Family;
  readonly address: Endpoint;
  /** @throws SystemCallError; a full send buffer is a lost datagram. */
  send(bytes: Uint8Array, to: Endpoint): void;
}

/** A bound socket; `shared`: others may bind the same address, and the kernel spreads the datagrams. @throws SystemCallError. */
export function openDatagramSocket(bindTo: Endpoint, shared: boolean): DatagramSocket {
  const family: Family = isIPv4(bindTo.host) ? 'ipv4' : 'ipv6';
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const descriptor = checkResult(calls.socket(AF[family], type, 0), 'socket', family);
  try {
    setOption(descriptor, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    if (shared) setOption(descriptor, SO_REUSEPORT, 1);
    const address = encodeSocketAddress(bindTo, family);
    checkResult(calls.bind(descriptor, address, address.length), 'bind', bindTo.host);
    return {
      descriptor,
      family,
      address: boundAddress(descriptor, family),
      send: (bytes, to) => send(descriptor, bytes, encodeSocketAddress(to, family)),
      [Symbol.dispose]: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function setOption(descriptor: number, option: number, value: number): void {
  checkResult(
    calls.setsockopt(descriptor, SOL_SOCKET, option, Int32Array.of(value), 4),
    'setsockopt',
    String(option),
  );
}

function boundAddress(descriptor: number, family: Family): Endpoint {
  const address = new Uint8Array(SOCKET_ADDRESS[family].bytes);
  checkResult(calls.getsockname(descriptor, address, Uint32Array.of(address.length)), 'getsockname');
  return decodeSocketAddress(address, family);
}

function send(descriptor: number, bytes: Uint8Array, to: Uint8Array): void {
  // A view of no bytes has no address to give.
  const from = bytes.length === 0 ? null : bytes;
  const sent = calls.sendto(descriptor, from, BigInt(bytes.length), MSG_DONTWAIT, to, to.length);
  if (sent >= 0) return;
  const errno = lastErrno();
  if (errno !== EAGAIN) throw new SystemCallError('sendto', errno, '');
}

/** Wakes every thread that polls its descriptor, once and for all. */
export interface WakeUp extends Disposable {
  readonly descriptor: number;
  wake(): void;
}

export function createWakeUp(): WakeUp {
  const descriptor = checkResult(calls.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), 'eventfd');
  return {
    descriptor,
    wake: () => void checkResult(calls.eventfd_write(descriptor, 1n), 'eventfd_write'),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
