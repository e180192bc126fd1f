import { closeSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import type { Endpoint } from '../../devices/tcp.ts';
import { checkResult, processLibrary } from './library.ts';
import {
  AF,
  decodeSocketAddress,
  encodeSocketAddress,
  SOCKET_ADDRESS,
  type Family,
} from './socket-address.ts';

/** socket(2), and socket.h of either architecture. */
export const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3, NONBLOCK: 0x800, CLOEXEC: 0x80000 } as const;
export const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;

const calls = processLibrary.getFunctions({
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'pointer', 'u32'], return: 'i32' },
  bind: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
  getsockname: { arguments: ['i32', 'pointer', 'pointer'], return: 'i32' },
});

/** A socket whose descriptor is its opener's to close. */
export interface BoundSocket {
  readonly descriptor: number;
  readonly family: Family;
  /** With the port that the kernel chose where none was asked for. */
  readonly address: Endpoint;
}

/** An option whose value is an int. */
export type SocketOption = readonly [level: number, option: number, value: number];

export interface Binding {
  readonly type: typeof SOCK.STREAM | typeof SOCK.DGRAM;
  readonly options: readonly SocketOption[];
  /** Others may bind the same address, and the kernel spreads what comes. */
  readonly shared: boolean;
}

/** A non-blocking socket of the address's own family, bound to it. @throws SystemCallError. */
export function openBoundSocket(bindTo: Endpoint, { type, options, shared }: Binding): BoundSocket {
  const family = familyOf(bindTo);
  const descriptor = checkResult(
    calls.socket(AF[family], type | SOCK.NONBLOCK | SOCK.CLOEXEC, 0),
    'socket',
    family,
  );
  try {
    for (const option of options) setOption(descriptor, option);
    if (shared) setOption(descriptor, [SOL_SOCKET, SO_REUSEPORT, 1]);
    const address = encodeSocketAddress(bindTo, family);
    checkResult(calls.bind(descriptor, address, address.length), 'bind', bindTo.host);
    return { descriptor, family, address: boundAddress(descriptor, family) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

export function familyOf({ host }: Endpoint): Family {
  return isIPv4(host) ? 'ipv4' : 'ipv6';
}

function setOption(descriptor: number, [level, option, value]: SocketOption): void {
  const result = calls.setsockopt(descriptor, level, option, Int32Array.of(value), 4);
  checkResult(result, 'setsockopt', String(option));
}

function boundAddress(descriptor: number, family: Family): Endpoint {
  const address = new Uint8Array(SOCKET_ADDRESS[family].bytes);
  checkResult(calls.getsockname(descriptor, address, Uint32Array.of(address.length)), 'getsockname');
  return decodeSocketAddress(address, family);
}
