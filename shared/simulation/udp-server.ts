import { assert } from '../base/assert.ts';
import { viewOf } from '../base/bytes.ts';
import {
  type Datagram,
  type DataPlane,
  type PacketBatch,
  type PlaneShared,
  PASS_ON,
  SOURCE_BYTES,
  type UdpServeOptions,
  type UdpServer,
  type UdpServerCounters,
} from '../devices/udp.ts';
import { IPV6_BYTES } from '../protocols/ip/address.ts';
import { encodeAddress } from './addresses.ts';
import { openPort, type Port, type UdpContext } from './udp-port.ts';

const SLOT_DEFAULT_BYTES = 2_048;
const QUEUE_DEFAULT = 256;

/** Datagrams that one call of the plane gets; few, so that a scenario reaches the end of a batch. */
const BATCH_MAX = 16;

/** How long the first datagram of a batch waits for others: about what a worker takes for one batch. */
const BATCH_GATHER_US = 20;

/** Runs the plane in place, on batches gathered over a few virtual microseconds. `workers` makes no difference. */
export async function serveDataPlane(context: UdpContext, options: UdpServeOptions): Promise<UdpServer> {
  const plane = context.planes[options.plane];
  assert(plane !== undefined, `there is no data plane '${options.plane}'`);
  await context.life.delay(0);
  return new PlaneServer(context, options, plane);
}

class PlaneServer implements UdpServer {
  readonly #context: UdpContext;
  readonly #options: UdpServeOptions;
  readonly #plane: DataPlane;
  readonly #port: Port;
  readonly #slotBytes: number;
  readonly #arrived: Datagram[] = [];
  #shared: PlaneShared;
  #passedOnWaiting = 0;
  #isClosed = false;
  #counters = { received: 0, answered: 0, passedOn: 0, dropped: 0 };

  constructor(context: UdpContext, options: UdpServeOptions, plane: DataPlane) {
    this.#context = context;
    this.#options = options;
    this.#shared = options.shared;
    this.#plane = plane;
    this.#slotBytes = options.slotBytes ?? SLOT_DEFAULT_BYTES;
    this.#port = openPort(context, options, (bytes, source) => this.#gather({ bytes, source }));
  }

  get address(): Port['address'] {
    return this.#port.address;
  }

  send(bytes: Uint8Array, to: Port['address']): Promise<void> {
    return this.#port.send(bytes, to);
  }

  share(shared: PlaneShared): void {
    this.#shared = shared;
  }

  counters(): UdpServerCounters {
    return { ...this.#counters };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#port.close();
    await this.#context.life.delay(0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #gather(datagram: Datagram): void {
    this.#counters.received++;
    if (datagram.bytes.length > this.#slotBytes) return void this.#counters.dropped++;
    this.#arrived.push(datagram);
    if (this.#arrived.length === 1) this.#context.life.after(BATCH_GATHER_US, () => this.#runBatches());
  }

  #runBatches(): void {
    while (this.#arrived.length > 0 && !this.#isClosed) this.#run(this.#arrived.splice(0, BATCH_MAX));
  }

  #run(datagrams: readonly Datagram[]): void {
    const { life, clock } = this.#context;
    const batch = createBatch(datagrams, this.#slotBytes);
    try {
      this.#plane(batch, this.#shared, clock.now());
    } catch (error) {
      this.#counters.dropped += datagrams.length;
      return life.record(`udp plane ${this.#options.plane} threw ${String(error)}`);
    }
    datagrams.forEach((datagram, index) => this.#settle(datagram, batch, index));
  }

  #settle(datagram: Datagram, batch: PacketBatch, index: number): void {
    const length = batch.replyLengths[index] ?? 0;
    if (length === PASS_ON) return this.#passOn(datagram);
    if (length === 0) return void this.#counters.dropped++;
    this.#counters.answered++;
    const start = index * this.#slotBytes;
    void this.send(batch.replies.slice(start, start + length), datagram.source);
  }

  #passOn(datagram: Datagram): void {
    const { onPassedOn, queueMax = QUEUE_DEFAULT } = this.#options;
    if (onPassedOn === undefined || this.#passedOnWaiting >= queueMax) return void this.#counters.dropped++;
    this.#counters.passedOn++;
    this.#passedOnWaiting++;
    this.#context.life.after(0, () => {
      this.#passedOnWaiting--;
      if (!this.#isClosed) onPassedOn(datagram);
    });
  }
}

function createBatch(datagrams: readonly Datagram[], slotBytes: number): PacketBatch {
  const count = datagrams.length;
  const batch = {
    count,
    slotBytes,
    requests: new Uint8Array(count * slotBytes),
    requestLengths: new Uint32Array(count),
    replies: new Uint8Array(count * slotBytes),
    replyLengths: new Uint32Array(count),
    sources: new Uint8Array(count * SOURCE_BYTES),
  };
  const sources = viewOf(batch.sources);
  datagrams.forEach(({ bytes, source }, index) => {
    batch.requests.set(bytes, index * slotBytes);
    batch.requestLengths[index] = bytes.length;
    batch.sources.set(encodeAddress(source.host), index * SOURCE_BYTES);
    sources.setUint16(index * SOURCE_BYTES + IPV6_BYTES, source.port);
  });
  return batch;
}
