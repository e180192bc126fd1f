import { Worker } from 'node:worker_threads';
import type { HttpContent, HttpLimits, HttpServeOptions } from '../../devices/http-engine.ts';
import type { Response } from '../../devices/http-exchange.ts';
import { DeviceError } from '../../devices/device-error.ts';
import { refuse } from '../../protocols/http/refuse.ts';
import { flowFromDescriptor } from '../descriptor-flow.ts';
import { endOf } from '../end-of-worker.ts';
import { closeDescriptor, type StreamListener } from '../ffi/stream-socket.ts';
import { createWakeUp, type WakeUp } from '../ffi/wake-up.ts';
import { readExchanges } from './exchange-batch.ts';
import type { HostHttpEngineOptions } from './http-engine.ts';
import {
  COUNTERS,
  DESCRIPTORS_MAX,
  type FromWorker,
  type HttpWorkerData,
  type ToWorker,
} from './messages.ts';

/** A worker that has not ended by itself by then is in an endless loop of its plane, which can be terminated. */
const TERMINATE_AFTER_MS = 100;

/** What a request leaves behind is small and dies at once: more room for the young would only be memory that is touched. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4 };

/** A worker that fell over is started again, but not in a tight loop. */
const RESTART_DELAY_MS = 1_000;

export interface HttpWorkerOptions {
  /** Without the first content, which must not outlive its replacement. */
  readonly serving: Omit<HttpServeOptions, 'content'>;
  readonly host: HostHttpEngineOptions;
  readonly listener: StreamListener;
  readonly limits: HttpLimits;
}

/** What a worker serves from, replaced as a whole. */
export interface Served {
  readonly content: HttpContent;
  /** See TlsContextOptions: the same for all workers of a server. */
  readonly ticketKeys: Uint8Array;
}

/** One worker as the main thread sees it: starts it, and again where it fell over; carries messages to and fro. */
export class HttpWorker {
  readonly counters = new Float64Array(new SharedArrayBuffer(COUNTERS.length * 8));
  readonly #options: HttpWorkerOptions;
  readonly #wakeUp: WakeUp = createWakeUp();
  readonly #owned = new Uint8Array(new SharedArrayBuffer(DESCRIPTORS_MAX));
  readonly #batches = new Int32Array(new SharedArrayBuffer(4));
  readonly #updates = new Map<number, PromiseWithResolvers<void>>();
  #served: Served;
  #version = 0;
  #worker: Worker | undefined;
  #closing = false;

  constructor(options: HttpWorkerOptions, served: Served) {
    this.#options = options;
    this.#served = served;
  }

  async start(): Promise<void> {
    const { serving, host, listener, limits } = this.#options;
    const workerData: HttpWorkerData = {
      role: 'http',
      plane: serving.plane,
      ...this.#served,
      limits,
      http2: serving.http2,
      listener: { descriptor: listener.descriptor, family: listener.family },
      wakeDescriptor: this.#wakeUp.descriptor,
      counters: this.counters.buffer,
      owned: this.#owned.buffer,
      batches: this.#batches.buffer,
      placeCounts: serving.placeCounts,
      records: serving.onExchanges !== undefined,
      handsOver: serving.onHandOver !== undefined,
    };
    const worker = new Worker(host.entry, { workerData, resourceLimits: RESOURCE_LIMITS });
    this.#worker = worker;
    const ready = Promise.withResolvers<void>();
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') ready.resolve();
      else this.#handle(message);
    });
    worker.on('error', error => {
      ready.reject(error);
      host.log.error({ plane: serving.plane, error }, 'the worker of an HTTP plane failed');
    });
    worker.on('exit', () => {
      ready.reject(new DeviceError('failed', `the worker of ${serving.plane} ended`));
      this.#afterExit();
    });
    await ready.promise;
  }

  #afterExit(): void {
    this.#worker = undefined;
    // What it still owned nobody else knows of.
    this.#owned.forEach((owned, descriptor) => {
      if (owned === 1) closeDescriptor(descriptor);
    });
    this.#owned.fill(0);
    this.counters[COUNTERS.indexOf('open')] = 0;
    Atomics.store(this.#batches, 0, 0);
    // The next one starts with the newest content.
    for (const update of this.#updates.values()) update.resolve();
    this.#updates.clear();
    if (!this.#closing) setTimeout(() => this.#restart(), RESTART_DELAY_MS).unref();
  }

  #restart(): void {
    if (this.#closing) return;
    const { host, serving } = this.#options;
    this.start().catch((error: unknown) => {
      host.log.error({ plane: serving.plane, error }, 'the worker of an HTTP plane did not start again');
    });
  }

  /** @throws DeviceError where the worker cannot use it: it goes on with what it has. */
  async update(served: Served): Promise<void> {
    const before = this.#served;
    this.#served = served;
    if (this.#worker === undefined) return;
    const version = ++this.#version;
    const update = Promise.withResolvers<void>();
    this.#updates.set(version, update);
    this.#post({ kind: 'update', ...served, version });
    await update.promise.catch((error: unknown) => {
      this.#served = before;
      throw error;
    });
  }

  /** Tells the worker to end, without waiting for it. */
  stop(drainMs: number): void {
    this.#post({ kind: 'close', drainMs });
  }

  async close(drainMs: number): Promise<void> {
    this.#closing = true;
    const worker = this.#worker;
    if (worker !== undefined) {
      const ended = endOf(worker);
      this.stop(drainMs);
      const timer = setTimeout(() => void worker.terminate(), drainMs + TERMINATE_AFTER_MS);
      await ended;
      clearTimeout(timer);
    }
    this.#wakeUp[Symbol.dispose]();
  }

  #post(message: ToWorker): void {
    if (this.#worker === undefined) return;
    this.#worker.postMessage(message);
    this.#wakeUp.wake();
  }

  #handle(message: Exclude<FromWorker, { kind: 'ready' }>): void {
    const { serving, host } = this.#options;
    switch (message.kind) {
      case 'updated':
        return this.#takeUpdate(message.version)?.resolve();
      case 'update-failed': {
        const error = new DeviceError('failed', `the HTTP engine cannot use this content: ${message.reason}`);
        return this.#takeUpdate(message.version)?.reject(error);
      }
      case 'later':
        return void this.#answer(message);
      case 'hand-over':
        return this.#handOver(message.descriptor);
      case 'exchanges':
        Atomics.sub(this.#batches, 0, 1);
        return serving.onExchanges?.({
          sums: message.batch.sums,
          exchanges: readExchanges(message.batch.whole),
        });
      case 'threw': {
        const { name, message: text, times } = message;
        const fields = { plane: serving.plane, error: { name, message: text }, times };
        return host.log.error(fields, 'an HTTP plane threw; its request is answered 500');
      }
    }
  }

  #takeUpdate(version: number): PromiseWithResolvers<void> | undefined {
    const update = this.#updates.get(version);
    this.#updates.delete(version);
    return update;
  }

  async #answer({ id, request, content, client }: Extract<FromWorker, { kind: 'later' }>): Promise<void> {
    const { serving, host } = this.#options;
    let response = refuse(500);
    try {
      if (serving.onLater !== undefined) response = await serving.onLater(request, content, client);
    } catch (error) {
      host.log.error({ plane: serving.plane, error }, 'a request that was put off failed');
    }
    this.#post({ kind: 'answer', id, response: forPosting(response) });
  }

  #handOver(descriptor: number): void {
    const { onHandOver } = this.#options.serving;
    if (onHandOver === undefined || this.#closing) return closeDescriptor(descriptor);
    try {
      onHandOver(flowFromDescriptor(descriptor));
    } catch (error) {
      this.#options.host.log.error({ error }, 'a connection could not be handed over');
      closeDescriptor(descriptor);
    }
  }
}

/** A view of shared memory goes as it is; of other memory, only what is seen of it is cloned, not all that lies around. */
function forPosting(response: Response): Response {
  const body = response.body.map(part =>
    part.buffer instanceof SharedArrayBuffer ? part : Uint8Array.from(part),
  );
  return { ...response, fields: [...response.fields], body };
}
