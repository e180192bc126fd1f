import { randomBytes } from 'node:crypto';
import { assert } from '../../base/assert.ts';
import type { HttpContent, HttpCounters, HttpServeOptions, HttpServer } from '../../devices/http-engine.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import { formatEndpoint } from '../address.ts';
import { TICKET_KEYS_BYTES } from '../ffi/openssl.ts';
import { openStreamListener, type StreamListener } from '../ffi/stream-socket.ts';
import { toDeviceError } from '../system-error.ts';
import { CONTEXT_MAX_AGE_MS } from '../tls-context.ts';
import type { HostHttpEngineOptions } from './http-engine.ts';
import { HttpWorker, type Served } from './http-worker.ts';
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
  readonly #log: HostHttpEngineOptions['log'];
  readonly #workers: readonly HttpWorker[];
  readonly #renewal: NodeJS.Timeout;
  readonly #onExit = (): void => this.#workers.forEach(worker => worker.stop(0));
  #served: Served;
  #updating: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(
    { content, ...serving }: HttpServeOptions,
    host: HostHttpEngineOptions,
    listeners: readonly StreamListener[],
  ) {
    const [first] = listeners;
    assert(first !== undefined, 'a server has a listener');
    this.address = first.address;
    this.#listeners = listeners;
    this.#log = host.log;
    this.#served = { content, ticketKeys: makeTicketKeys() };
    const { connectionsMax, connectionsPerAddressMax, ...limits } = serving.limits;
    // Each worker has its share, so that together they keep the limit.
    const share = (limit: number): number => Math.max(1, Math.floor(limit / listeners.length));
    const limitsOfEach = {
      ...limits,
      connectionsMax: share(connectionsMax),
      connectionsPerAddressMax: share(connectionsPerAddressMax),
    };
    this.#workers = listeners.map(
      listener => new HttpWorker({ serving, host, listener, limits: limitsOfEach }, this.#served),
    );
    this.#renewal = setInterval(() => this.#renewKeys(), CONTEXT_MAX_AGE_MS).unref();
    // `process.exit` waits for every worker: those that wait for events are told first.
    process.on('exit', this.#onExit);
  }

  async start(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.start()));
  }

  update(content: HttpContent): Promise<void> {
    return this.#change(({ ticketKeys }) => ({ content, ticketKeys }));
  }

  /** CONTEXT_MAX_AGE_MS: tickets made until now are no longer good for anything. Plain HTTP has none. */
  #renewKeys(): void {
    if (this.#served.content.credentials === undefined) return;
    this.#change(({ content }) => ({ content, ticketKeys: makeTicketKeys() })).catch((error: unknown) => {
      this.#log.error({ error }, 'the keys of session tickets could not be renewed');
    });
  }

  /** One after another, so that all workers end with the same. */
  #change(change: (served: Served) => Served): Promise<void> {
    const changed = this.#updating.then(async () => {
      const served = change(this.#served);
      await Promise.all(this.#workers.map(worker => worker.update(served)));
      this.#served = served;
    });
    this.#updating = changed.catch(() => undefined);
    return changed;
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
    clearInterval(this.#renewal);
    await Promise.all(this.#workers.map(worker => worker.close(drainMs)));
    process.off('exit', this.#onExit);
    for (const listener of this.#listeners) listener[Symbol.dispose]();
  }
}

function makeTicketKeys(): Uint8Array {
  return Uint8Array.from(randomBytes(TICKET_KEYS_BYTES));
}
