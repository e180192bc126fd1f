import { getRawPointer } from 'node:ffi';
import type { Endpoint } from '../../devices/tcp.ts';
import { familyOf, openBoundSocket, SOCK, SOL_SOCKET, type BoundSocket } from './bound-socket.ts';
import { checkResult, EAGAIN, EINTR, lastErrno, processLibrary, SystemCallError } from './library.ts';
import { decodeSocketAddress, SOCKET_ADDRESS } from './socket-address.ts';

const SO_REUSEADDR = 2;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_PEEK = 0x2;
const MSG_DONTWAIT = 0x40;
const SHUT_WR = 1;

/** ENOMEM, ENFILE, EMFILE, ENOBUFS. */
const EXHAUSTED_ERRNOS: ReadonlySet<number> = new Set([12, 23, 24, 105]);
/** accept(2): errors of the connection itself, which is gone (EINTR, EPERM, EPROTO, ENETDOWN to EHOSTUNREACH). */
const GONE_ERRNOS: ReadonlySet<number> = new Set([EINTR, 1, 64, 71, 92, 95, 100, 101, 103, 112, 113]);

const calls = processLibrary.getFunctions({
  listen: { arguments: ['i32', 'i32'], return: 'i32' },
  accept4: { arguments: ['i32', 'pointer', 'pointer', 'i32'], return: 'i32' },
  // The result fits in 32 bits, since no call asks for more; a number costs less than a bigint.
  // An address as a number: a 'pointer' might be a buffer, which costs a look each time.
  read: { arguments: ['i32', 'u64', 'u64'], return: 'i32' },
  recv: { arguments: ['i32', 'pointer', 'u64', 'i32'], return: 'i64' },
  // send(2) has a fourth argument, and from four on node takes a way that costs several times as much.
  write: { arguments: ['i32', 'u64', 'u64'], return: 'i32' },
  shutdown: { arguments: ['i32', 'i32'], return: 'i32' },
  close: { arguments: ['i32'], return: 'i32' },
});

export interface StreamListener extends BoundSocket, Disposable {}

/**
 * A listening socket whose connections have Nagle off; '::' takes IPv4 as well. `shared`: others may bind the same address, and the kernel
 * spreads the connections. @throws SystemCallError.
 */
export function openStreamListener(bindTo: Endpoint, shared: boolean, backlog: number): StreamListener {
  const options = [
    [SOL_SOCKET, SO_REUSEADDR, 1],
    ...(familyOf(bindTo) === 'ipv6'
      ? [[IPPROTO_IPV6, IPV6_V6ONLY, bindTo.host === '::' ? 0 : 1] as const]
      : []),
    // Linux hands it down to accepted sockets.
    [IPPROTO_TCP, TCP_NODELAY, 1],
  ] as const;
  const socket = openBoundSocket(bindTo, { type: SOCK.STREAM, options, shared });
  try {
    checkResult(calls.listen(socket.descriptor, backlog), 'listen', bindTo.host);
  } catch (error) {
    closeDescriptor(socket.descriptor);
    throw error;
  }
  return { ...socket, [Symbol.dispose]: () => closeDescriptor(socket.descriptor) };
}

/** Linux closes the descriptor whatever it answers. */
export function closeDescriptor(descriptor: number): void {
  calls.close(descriptor);
}

/** Tells the peer that nothing more comes; it may still send. */
export function endSending(descriptor: number): void {
  calls.shutdown(descriptor, SHUT_WR);
}

/** The next connection, non-blocking, with its peer's address; or how it is that there is none. */
export type Accepted =
  { readonly descriptor: number; readonly peer: Endpoint } | 'none' | 'gone' | 'exhausted';

/**
 * Takes connections of a listener: 'none' waits; one was reset meanwhile and is 'gone'; or there is no descriptor or memory left for it
 * ('exhausted') and it stays in the queue. The function returned holds its memory. @throws SystemCallError where the listener itself is broken.
 */
export function createAccept({
  descriptor,
  family,
}: Pick<BoundSocket, 'descriptor' | 'family'>): () => Accepted {
  const address = new Uint8Array(SOCKET_ADDRESS[family].bytes);
  const length = new Uint32Array(1);
  return () => {
    length[0] = address.length;
    const accepted = calls.accept4(descriptor, address, length, SOCK.NONBLOCK | SOCK.CLOEXEC);
    if (accepted >= 0) return { descriptor: accepted, peer: decodeSocketAddress(address, family) };
    const errno = lastErrno();
    if (errno === EAGAIN) return 'none';
    if (EXHAUSTED_ERRNOS.has(errno)) return 'exhausted';
    if (GONE_ERRNOS.has(errno)) return 'gone';
    throw new SystemCallError('accept4', errno, '');
  };
}

/** What a read came to besides a count of bytes; 0 is the peer's end of stream. */
export const WOULD_BLOCK = -1;
export const BROKEN = -2;

/** A buffer of a thread that all its sockets are read into, one at a time. */
export interface InputBuffer {
  readonly bytes: Uint8Array;
  readonly address: bigint;
  readonly size: bigint;
}

export function createInputBuffer(sizeBytes: number): InputBuffer {
  const bytes = new Uint8Array(sizeBytes);
  return { bytes, address: getRawPointer(bytes), size: BigInt(sizeBytes) };
}

/** Reads what has come: how many bytes, 0 at the end of the stream, {@link WOULD_BLOCK} or {@link BROKEN}. */
export function receive(descriptor: number, into: InputBuffer): number {
  return outcomeOf(calls.read(descriptor, into.address, into.size));
}

/** The same, with the bytes left where they are: the next call gives them again. */
export function peek(descriptor: number, into: InputBuffer): number {
  return outcomeOf(Number(calls.recv(descriptor, into.address, into.size, MSG_DONTWAIT | MSG_PEEK)));
}

/** Sends from memory on a non-blocking descriptor: how many bytes the kernel took, {@link WOULD_BLOCK} or {@link BROKEN}. */
export function sendFrom(descriptor: number, address: bigint, length: number): number {
  // A peer that is gone is an error and no signal: node ignores SIGPIPE in the whole process.
  return outcomeOf(calls.write(descriptor, address, BigInt(length)));
}

function outcomeOf(result: number): number {
  if (result >= 0) return result;
  const errno = lastErrno();
  return errno === EAGAIN || errno === EINTR ? WOULD_BLOCK : BROKEN;
}
