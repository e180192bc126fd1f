import { isIPv4 } from 'node:net';
import { assert } from '../base/assert.ts';
import {
  PASS_ON,
  SOURCE_BYTES,
  type DataPlane,
  type PacketBatch,
  type UdpServeOptions,
  type UdpServer,
} from '../devices/udp.ts';
import type { HostUdpOptions } from './udp.ts';
import { addressOf, closeSocket, openSocket, sendFrom } from './udp-socket.ts';

export const SLOT_BYTES_DEFAULT = 2_048;

/** The portable twin of the batched engine: node:dgram, the plane in place, one datagram a batch. */
export async function servePortable(options: UdpServeOptions, host: HostUdpOptions): Promise<UdpServer> {
  const plane = host.planes[options.plane];
  assert(plane !== undefined, `there is no data plane called ${options.plane}`);
  const slotBytes = options.slotBytes ?? SLOT_BYTES_DEFAULT;
  const batch = createBatch(slotBytes);
  const counters = { received: 0, answered: 0, passedOn: 0, dropped: 0 };
  const socket = await openSocket(options);
  socket.on('message', (bytes, source) => {
    counters.received++;
    if (bytes.length > slotBytes) return void counters.dropped++;
    batch.requests.set(bytes);
    batch.requestLengths[0] = bytes.length;
    batch.replyLengths[0] = 0;
    encodeSource(source.address, source.port, batch.sources);
    const length = runPlane(plane, batch, options, host);
    const to = { host: source.address, port: source.port };
    if (length === PASS_ON && options.onPassedOn !== undefined) {
      counters.passedOn++;
      options.onPassedOn({ bytes: Uint8Array.from(bytes), source: to });
    } else if (length === PASS_ON || length === 0) counters.dropped++;
    else {
      counters.answered++;
      // A copy: the buffer is used again before the datagram has left. A reply that cannot be sent is a lost datagram.
      sendFrom(socket, batch.replies.slice(0, length), to).catch(() => undefined);
    }
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeSocket(socket));
  return {
    address: addressOf(socket),
    send: (bytes, to) => sendFrom(socket, bytes, to),
    counters: () => ({ ...counters }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createBatch(slotBytes: number): PacketBatch {
  return {
    count: 1,
    slotBytes,
    requests: new Uint8Array(slotBytes),
    requestLengths: new Uint32Array(1),
    replies: new Uint8Array(slotBytes),
    replyLengths: new Uint32Array(1),
    sources: new Uint8Array(SOURCE_BYTES),
  };
}

/** The reply's length; 0 where the plane threw: that batch is lost and the next one goes on. */
function runPlane(
  plane: DataPlane,
  batch: PacketBatch,
  options: UdpServeOptions,
  { log }: HostUdpOptions,
): number {
  try {
    plane(batch, options.shared, Date.now());
    return batch.replyLengths[0] ?? 0;
  } catch (error) {
    log.error({ plane: options.plane, error }, 'a data plane threw; its batch is lost');
    return 0;
  }
}

/** The 16 bytes of the address (IPv4 as ::ffff:a.b.c.d, RFC 4291 §2.5.5.2), then the port. */
export function encodeSource(address: string, port: number, into: Uint8Array): void {
  into.fill(0);
  const [plain = '', tail = ''] = address.replace(/%.*/, '').split('::', 2);
  if (isIPv4(address)) writeFour(address, into);
  else {
    const head = plain === '' ? [] : plain.split(':');
    head.forEach((group, index) => writeGroup(group, into, index * 2));
    if (tail.includes('.')) writeFour(tail.slice(tail.lastIndexOf(':') + 1), into);
    else if (tail !== '') {
      const groups = tail.split(':');
      groups.forEach((group, index) => writeGroup(group, into, 16 - (groups.length - index) * 2));
    }
  }
  into[16] = port >> 8;
  into[17] = port & 0xff;
}

function writeFour(address: string, into: Uint8Array): void {
  into[10] = 0xff;
  into[11] = 0xff;
  address.split('.').forEach((part, index) => (into[12 + index] = Number(part)));
}

function writeGroup(group: string, into: Uint8Array, offset: number): void {
  const value = Number.parseInt(group, 16);
  into[offset] = value >> 8;
  into[offset + 1] = value & 0xff;
}
