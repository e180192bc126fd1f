import { Worker } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { Endpoint } from '../devices/tcp.ts';
import type { PlaneShared, UdpServeOptions, UdpServer, UdpServerCounters } from '../devices/udp.ts';
import { formatEndpoint } from './address.ts';
import { endOf } from './end-of-worker.ts';
import { openDatagramSocket, type DatagramSocket } from './ffi/datagram-socket.ts';
import { createWakeUp, type WakeUp } from './ffi/wake-up.ts';
import { toDeviceError } from './system-error.ts';
import type { HostUdpOptions } from './udp.ts';
import { CONTROL, COUNTER, type PlaneReport, type PlaneWorkerData } from './udp-plane-worker.ts';
import { QUEUE_MAX_DEFAULT, SLOT_BYTES_DEFAULT } from './udp-portable.ts';

/** A worker that has not ended by itself by then is in an endless loop of its plane, which can be terminated. */
const TERMINATE_AFTER_MS = 100;

/** A worker that fell over is started again, but not in a tight loop. */
const RESTART_DELAY_MS = 1_000;

/** A plane in workers beside their sockets, by recvmmsg and sendmmsg. The sockets are opened, kept and closed here. */
export async function serveBatched(options: UdpServeOptions, host: HostUdpOptions): Promise<UdpServer> {
  assert(options.plane in host.planes, `there is no data plane called ${options.plane}`);
  const sockets = openSockets(options);
  const server = new BatchedServer(options, host, sockets);
  try {
    await server.start();
    return server;
  } catch (cause) {
    await server.close();
    throw toDeviceError(cause, `cannot run the data plane ${options.plane}`);
  }
}

function openSockets(options: UdpServeOptions): DatagramSocket[] {
  const count = options.workers ?? 1;
  const sockets: DatagramSocket[] = [];
  try {
    // The first one of several must fail where somebody else has the port, though it will be shared.
    if (count > 1 && options.port !== 0) openDatagramSocket(options, false)[Symbol.dispose]();
    while (sockets.length < count) {
      const port = sockets[0]?.address.port ?? options.port;
      sockets.push(openDatagramSocket({ host: options.host, port }, count > 1));
    }
    return sockets;
  } catch (cause) {
    for (const socket of sockets) socket[Symbol.dispose]();
    throw toDeviceError(cause, `cannot bind ${formatEndpoint(options)} (UDP)`);
  }
}

class BatchedServer implements UdpServer {
  readonly address: Endpoint;
  readonly #options: UdpServeOptions;
  readonly #host: HostUdpOptions;
  readonly #sockets: readonly DatagramSocket[];
  readonly #wakeUp: WakeUp = createWakeUp();
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * CONTROL.WORDS));
  readonly #counters: Float64Array<SharedArrayBuffer>[] = [];
  readonly #workers = new Set<Worker>();
  readonly #onExit = (): void => this.#stop();
  #shared: PlaneShared;
  #closing: Promise<void> | undefined;

  constructor(options: UdpServeOptions, host: HostUdpOptions, sockets: readonly DatagramSocket[]) {
    const [first] = sockets;
    assert(first !== undefined, 'a server has at least one worker');
    this.address = first.address;
    this.#options = options;
    this.#shared = options.shared;
    this.#host = host;
    this.#sockets = sockets;
    // `process.exit` waits for every worker: those that wait for packets are told first.
    process.on('exit', this.#onExit);
  }

  async start(): Promise<void> {
    await Promise.all(
      this.#sockets.map((socket, index) => {
        this.#counters[index] = new Float64Array(new SharedArrayBuffer(4 * 8));
        return this.#startWorker(socket, index);
      }),
    );
  }

  async #startWorker(socket: DatagramSocket, index: number): Promise<void> {
    const { plane, slotBytes = SLOT_BYTES_DEFAULT, queueMax = QUEUE_MAX_DEFAULT } = this.#options;
    const counters = this.#counters[index];
    assert(counters !== undefined, 'every worker has its counters');
    const workerData: PlaneWorkerData = {
      role: 'plane',
      plane,
      shared: this.#shared,
      sharedVersion: Atomics.load(this.#control, CONTROL.SHARED),
      descriptor: socket.descriptor,
      family: socket.family,
      wakeDescriptor: this.#wakeUp.descriptor,
      slotBytes,
      control: this.#control.buffer,
      counters: counters.buffer,
      queueMax: this.#options.onPassedOn === undefined ? 0 : queueMax,
    };
    const worker = new Worker(this.#host.entry, { workerData });
    this.#workers.add(worker);
    const ready = Promise.withResolvers<void>();
    worker.on('message', (report: PlaneReport) => {
      if (report.kind === 'ready') ready.resolve();
      else this.#handle(report);
    });
    worker.on('error', error => {
      ready.reject(error);
      this.#host.log.error({ plane, error }, 'the worker of a data plane failed');
    });
    worker.on('exit', () => {
      this.#workers.delete(worker);
      ready.reject(new DeviceError('failed', `the worker of ${plane} ended`));
      if (this.#closing === undefined)
        setTimeout(() => this.#restart(socket, index), RESTART_DELAY_MS).unref();
    });
    await ready.promise;
  }

  #restart(socket: DatagramSocket, index: number): void {
    if (this.#closing !== undefined) return;
    this.#startWorker(socket, index).catch((error: unknown) => {
      this.#host.log.error(
        { plane: this.#options.plane, error },
        'the worker of a data plane did not start again',
      );
    });
  }

  #handle(report: Exclude<PlaneReport, { kind: 'ready' }>): void {
    if (report.kind === 'threw') {
      const { name, message, times } = report;
      const fields = { plane: this.#options.plane, error: { name, message }, times };
      return this.#host.log.error(fields, 'a data plane threw; its batch is lost');
    }
    Atomics.sub(this.#control, CONTROL.PASSED, 1);
    if (this.#closing === undefined)
      this.#options.onPassedOn?.({ bytes: report.bytes, source: report.source });
  }

  send(bytes: Uint8Array, to: Endpoint): Promise<void> {
    return Promise.try(() => this.#send(bytes, to));
  }

  #send(bytes: Uint8Array, to: Endpoint): void {
    const what = `cannot send ${bytes.length} bytes to ${formatEndpoint(to)}`;
    const [socket] = this.#sockets;
    if (this.#closing !== undefined || socket === undefined)
      throw new DeviceError('closed', `${what}: the server on ${formatEndpoint(this.address)} is closed`);
    try {
      socket.send(bytes, to);
    } catch (cause) {
      throw toDeviceError(cause, what);
    }
  }

  share(shared: PlaneShared): void {
    this.#shared = shared;
    for (const worker of this.#workers) worker.postMessage(shared);
    // Last: whoever sees the word changed finds the message.
    Atomics.add(this.#control, CONTROL.SHARED, 1);
  }

  counters(): UdpServerCounters {
    const sum = (counter: number): number =>
      this.#counters.reduce((total, counters) => total + (counters[counter] ?? 0), 0);
    return {
      received: sum(COUNTER.RECEIVED),
      answered: sum(COUNTER.ANSWERED),
      passedOn: sum(COUNTER.PASSED_ON),
      dropped: sum(COUNTER.DROPPED),
    };
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #stop(): void {
    Atomics.store(this.#control, CONTROL.STOP, 1);
    this.#wakeUp.wake();
  }

  /** The workers first, then what they use: a descriptor closed under a waiting thread may already be another file. */
  async #end(): Promise<void> {
    this.#stop();
    await Promise.all([...this.#workers].map(endWorker));
    process.off('exit', this.#onExit);
    for (const socket of this.#sockets) socket[Symbol.dispose]();
    this.#wakeUp[Symbol.dispose]();
  }
}

async function endWorker(worker: Worker): Promise<void> {
  const ended = endOf(worker);
  const timer = setTimeout(() => void worker.terminate(), TERMINATE_AFTER_MS);
  await ended;
  clearTimeout(timer);
}
