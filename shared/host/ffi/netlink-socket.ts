import { getRawPointer } from 'node:ffi';
import { closeSync } from 'node:fs';
import { SOCK } from './bound-socket.ts';
import { checkResult, EAGAIN, lastErrno, processLibrary, SystemCallError } from './library.ts';
import { watchReadable } from './readable.ts';

const AF_NETLINK = 16;
const ENOBUFS = 105;
/** struct sockaddr_nl: family, padding, port (0: the kernel chooses), groups; equal on both architectures. */
const ADDRESS_BYTES = 12;
/** The kernel's dumps use datagrams of at most 32 KiB (NLMSG_GOODSIZE); one larger would be cut. */
const DATAGRAM_BYTES_MAX = 65_536;

const { socket, bind, send, recv } = processLibrary.getFunctions({
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  bind: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
  // As stream-socket.ts has it: one process has one signature of a function.
  send: { arguments: ['i32', 'u64', 'u64', 'i32'], return: 'i32' },
  recv: { arguments: ['i32', 'pointer', 'u64', 'i32'], return: 'i64' },
});

export interface NetlinkSocket extends Disposable {
  send(datagram: Uint8Array): void;
}

export interface NetlinkHandlers {
  /** The datagram is the callee's for this call only. */
  readonly onDatagram: (datagram: Uint8Array) => void;
  /** The kernel dropped messages because they were not read in time: what is known must be asked anew. */
  readonly onOverrun: () => void;
}

/** A non-blocking netlink socket of `protocol` (0 is rtnetlink) that hears the multicast `groups`. */
export function openNetlinkSocket(
  protocol: number,
  groups: number,
  handlers: NetlinkHandlers,
): NetlinkSocket {
  const descriptor = checkResult(
    socket(AF_NETLINK, SOCK.RAW | SOCK.NONBLOCK | SOCK.CLOEXEC, protocol),
    'socket',
    'netlink',
  );
  const address = new DataView(new ArrayBuffer(ADDRESS_BYTES));
  address.setUint16(0, AF_NETLINK, true);
  address.setUint32(8, groups, true);
  checkResult(bind(descriptor, new Uint8Array(address.buffer), ADDRESS_BYTES), 'bind', 'netlink');
  const buffer = new Uint8Array(DATAGRAM_BYTES_MAX);
  const watch = watchReadable(descriptor, () => drain(descriptor, buffer, handlers));
  return {
    send(datagram) {
      checkResult(send(descriptor, getRawPointer(datagram), BigInt(datagram.length), 0), 'send', 'netlink');
    },
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      closeSync(descriptor);
    },
  };
}

function drain(descriptor: number, buffer: Uint8Array, handlers: NetlinkHandlers): void {
  for (;;) {
    const length = Number(recv(descriptor, buffer, BigInt(buffer.length), 0));
    if (length < 0) {
      const errno = lastErrno();
      if (errno === EAGAIN) return;
      if (errno !== ENOBUFS) throw new SystemCallError('recv', errno, 'netlink');
      handlers.onOverrun();
    } else {
      handlers.onDatagram(buffer.subarray(0, length));
    }
  }
}
