import { closeSync } from 'node:fs';
import { SOCK, SOL_SOCKET } from './bound-socket.ts';
import type { FilterInstruction } from './filter-program.ts';
import { encodeFilterProgram } from './filter-program.ts';
import { checkResult, EAGAIN, lastErrno, processLibrary, SystemCallError } from './library.ts';
import { watchReadable } from './readable.ts';

const AF_PACKET = 17;
const SO_ATTACH_FILTER = 26;
/** Linux uapi linux/if_ether.h. */
const ETHERTYPES = { ipv4: 0x0800, arp: 0x0806 } as const;
const ENETDOWN = 100;
/** The link is down, has gone (ENXIO, ENODEV), or its queue is full of what the service sends (EAGAIN, ENOBUFS). */
const LOST_ERRNOS: ReadonlySet<number> = new Set([6, EAGAIN, 19, ENETDOWN, 105]);
/** struct sockaddr_ll: family, protocol, index, hardware type, packet type, address length, address[8]. */
const ADDRESS_BYTES = 20;
const PACKET_BYTES_MAX = 65_536;
const ETHERNET_BROADCAST: readonly number[] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

const { socket, bind, sendto, recvfrom, setsockopt } = processLibrary.getFunctions({
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  bind: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
  sendto: { arguments: ['i32', 'pointer', 'u64', 'i32', 'pointer', 'u32'], return: 'i64' },
  recvfrom: { arguments: ['i32', 'pointer', 'u64', 'i32', 'pointer', 'pointer'], return: 'i64' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'pointer', 'u32'], return: 'i32' },
});

export interface PacketSocket extends Disposable {
  /** Sends a packet to every host on the link. A link that is down, gone or busy loses it, as a cable would. */
  broadcast(interfaceIndex: number, packet: Uint8Array): void;
}

/**
 * A socket that hears the packets of one protocol on every link, as far as `filter` lets them through, whole from the IP or ARP
 * header on. `packet` is the callee's for this call only.
 */
export function openPacketSocket(
  protocol: keyof typeof ETHERTYPES,
  filter: readonly FilterInstruction[],
  onPacket: (interfaceIndex: number, packet: Uint8Array) => void,
): PacketSocket {
  // Protocol 0 hears nothing, so that no packet slips in before the filter is there.
  const descriptor = checkResult(
    socket(AF_PACKET, SOCK.DGRAM | SOCK.NONBLOCK | SOCK.CLOEXEC, 0),
    'socket',
    'packet',
  );
  attachFilter(descriptor, filter);
  checkResult(bind(descriptor, encodeAddress(protocol, 0, []), ADDRESS_BYTES), 'bind', 'packet');
  const buffers = { packet: new Uint8Array(PACKET_BYTES_MAX), from: new Uint8Array(ADDRESS_BYTES) };
  const watch = watchReadable(descriptor, () => drain(descriptor, buffers, onPacket));
  return {
    broadcast(interfaceIndex, packet) {
      const to = encodeAddress(protocol, interfaceIndex, ETHERNET_BROADCAST);
      const sent = sendto(descriptor, packet, BigInt(packet.length), 0, to, ADDRESS_BYTES);
      if (sent >= 0) return;
      const errno = lastErrno();
      if (!LOST_ERRNOS.has(errno)) throw new SystemCallError('sendto', errno, `interface ${interfaceIndex}`);
    },
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      closeSync(descriptor);
    },
  };
}

function encodeAddress(
  protocol: keyof typeof ETHERTYPES,
  interfaceIndex: number,
  hardwareAddress: readonly number[],
): Uint8Array {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETHERTYPES[protocol]);
  view.setInt32(4, interfaceIndex, true);
  bytes[11] = hardwareAddress.length;
  bytes.set(hardwareAddress, 12);
  return bytes;
}

function attachFilter(descriptor: number, filter: readonly FilterInstruction[]): void {
  const program = encodeFilterProgram(filter);
  const result = setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, program.header, 16);
  // Named after the call, so that the instructions are referenced for as long as the kernel reads them.
  checkResult(result, 'setsockopt', `SO_ATTACH_FILTER, ${program.instructions.length / 8} instructions`);
}

function drain(
  descriptor: number,
  { packet, from }: { packet: Uint8Array; from: Uint8Array },
  onPacket: (interfaceIndex: number, packet: Uint8Array) => void,
): void {
  const fromView = new DataView(from.buffer);
  const fromBytes = new Uint32Array(1);
  for (;;) {
    fromBytes[0] = ADDRESS_BYTES;
    const length = Number(recvfrom(descriptor, packet, BigInt(packet.length), 0, from, fromBytes));
    if (length < 0) {
      const errno = lastErrno();
      if (errno === EAGAIN) return;
      // A link that went down reports itself once; the socket goes on hearing the others.
      if (errno !== ENETDOWN) throw new SystemCallError('recvfrom', errno, 'packet');
    } else {
      onPacket(fromView.getInt32(4, true), packet.subarray(0, length));
    }
  }
}
