import { assert } from '../base/assert.ts';
import {
  PASS_ON,
  SOURCE_BYTES,
  type DataPlane,
  type PacketBatch,
  type PlaneShared,
  type UdpServeOptions,
  type UdpServer,
} from '../devices/udp.ts';
import { decodeSource, encodeSource } from '../protocols/ip/source-address.ts';
import type { HostUdpOptions } from './udp.ts';
import { addressOf, closeSocket, openSocket, sendFrom } from './udp-socket.ts';

/** Contract of UdpServeOptions. */
export const SLOT_BYTES_DEFAULT = 2_048;

/** Contract of UdpBindOptions. */
export const QUEUE_MAX_DEFAULT = 256;

/** The portable twin of the batched engine: node:dgram, the plane in place, one datagram a batch. */
export async function servePortable(options: UdpServeOptions, host: HostUdpOptions): Promise<UdpServer> {
  const plane = host.planes[options.plane];
  assert(plane !== undefined, `there is no data plane called ${options.plane}`);
  const slotBytes = options.slotBytes ?? SLOT_BYTES_DEFAULT;
  const batch = createBatch(slotBytes);
  const counters = { received: 0, answered: 0, passedOn: 0, dropped: 0 };
  const socket = await openSocket(options);
  let { shared } = options;
  socket.on('message', (bytes, source) => {
    counters.received++;
    if (bytes.length > slotBytes) return void counters.dropped++;
    batch.requests.set(bytes);
    batch.requestLengths[0] = bytes.length;
    batch.replyLengths[0] = 0;
    encodeSource({ host: source.address, port: source.port }, batch.sources);
    const length = runPlane(plane, batch, shared, error =>
      host.log.error({ plane: options.plane, error }, 'a data plane threw; its batch is lost'),
    );
    const to = decodeSource(batch.sources, 0);
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
    share: next => void (shared = next),
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
  shared: PlaneShared,
  onThrown: (error: unknown) => void,
): number {
  try {
    plane(batch, shared, Date.now());
    return batch.replyLengths[0] ?? 0;
  } catch (error) {
    onThrown(error);
    return 0;
  }
}
