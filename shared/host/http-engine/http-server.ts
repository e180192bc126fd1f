import { randomBytes } from 'node:crypto';
import { assert } from '../../base/assert.ts';
import type { HttpContent, HttpCounters, HttpServeOptions, HttpServer } from '../../devices/http-engine.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import { formatEndpoint } from '../address.ts';
import { TICKET_KEYS_BYTES } from '../ffi/openssl.ts';
import { openStreamListener, type StreamListener } from '../ffi/stream-socket.ts';
import { toDeviceError } from '../system-error.ts';
import type { HostHttpEngineOptions } from './http-engine.ts';
import { HttpWorker } from './http-worker.ts';
import { COUNTERS } from './messages.ts';

/** As of Tcp: a burst of new visitors. The kernel caps it by somaxconn. */
const BACKLOG_MAX = 1_024;

/** A plane in workers beside their sockets. The listening sockets are opened, kept and closed here. */
export async function serveHttp(options: HttpServeOptions, host: HostHttpEngineOptions): Promise<HttpServer> {
  const listeners = openListeners(options);
  const server = new Server(options, host, listeners);
  try {
    await server.start();
    return server;
  } catch (cause) {
    await server.close();
    throw toDeviceError(cause, `cannot serve HTTP on ${formatEndpoint(options)}`);
  }
}

function openListeners(options: HttpServeOptions): StreamListener[] {
  const count = options.workers ?? 1;
  assert(count > 0, 'a server has at least one worker');
  assert(count === 1 || options.placeCounts === undefined, 'places are counted for one worker');
  const listeners: StreamListener[] = [];
  try {
    // The first one of several must fail where somebody else has the port, though it will be shared.
    if (count > 1 && options.port !== 0) openStreamListener(options, false, BACKLOG_MAX)[Symbol.dispose]();
    while (listeners.length < count) {
      const port = listeners[0]?.address.port ?? options.port;
      listeners.push(openStreamListener({ host: options.host, port }, count > 1, BACKLOG_MAX));
    }
    return listeners;
  } catch (cause) {
    for (const listener of listeners) listener[Symbol.dispose]();
    throw toDeviceError(cause, `cannot listen on ${formatEndpoint(options)} (TCP)`);
  }
}

class Server implements HttpServer {
  readonly address: Endpoint;
  readonly #listeners: readonly StreamListener[];
  readonly #workers: readonly HttpWorker[];
  readonly #onExit = (): void => this.#workers.forEach(worker => worker.stop(0));
  #updating: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: HttpServeOptions, host: HostHttpEngineOptions, listeners: readonly StreamListener[]) {
    const [first] = listeners;
    assert(first !== undefined, 'a server has a listener');
    this.address = first.address;
    this.#listeners = listeners;
    const ticketKeys = Uint8Array.from(randomBytes(TICKET_KEYS_BYTES));
    const { connectionsMax, connectionsPerAddressMax, ...limits } = options.limits;
    // Each worker has its share, so that together they keep the limit.
    const share = (limit: number): number => Math.max(1, Math.floor(limit / listeners.length));
    const shared = {
      ...limits,
      connectionsMax: share(connectionsMax),
      connectionsPerAddressMax: share(connectionsPerAddressMax),
    };
    this.#workers = listeners.map(
      listener => new HttpWorker({ serving: options, host, listener, limits: shared, ticketKeys }),
    );
    // `process.exit` waits for every worker: those that wait for events are told first.
    process.on('exit', this.#onExit);
  }

  async start(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.start()));
  }

  /** One after another, so that all workers end with the same content. */
  update(content: HttpContent): Promise<void> {
    const update = this.#updating.then(async () => {
      await Promise.all(this.#workers.map(worker => worker.update(content)));
    });
    this.#updating = update.catch(() => undefined);
    return update;
  }

  counters(): HttpCounters {
    const sums = COUNTERS.map((_, index) =>
      this.#workers.reduce((sum, worker) => sum + (worker.counters[index] ?? 0), 0),
    );
    return Object.fromEntries(COUNTERS.map((name, index) => [name, sums[index]])) as unknown as HttpCounters;
  }

  close(drainMs = 0): Promise<void> {
    return (this.#closing ??= this.#end(drainMs));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The workers first, then what they use: a descriptor closed under a waiting thread may already be another file. */
  async #end(drainMs: number): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.close(drainMs)));
    process.off('exit', this.#onExit);
    for (const listener of this.#listeners) listener[Symbol.dispose]();
  }
}
