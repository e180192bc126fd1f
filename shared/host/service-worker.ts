import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { LogRecord } from '../devices/log.ts';
import type { Metrics } from '../devices/metrics.ts';
import { receiveMetrics } from './forwarded-metrics.ts';
import {
  SILENCE_MAX_MS,
  type RunnableService,
  type ServiceOrder,
  type ServiceReport,
  type ServiceShown,
  type ServiceWorkerData,
  type ServiceWorld,
  type StatusRows,
} from './service-messages.ts';

export interface ServiceWorkerOptions {
  /** Where the worker's devices keep their data: not the folder of another set of devices in use. */
  readonly dataFolder: string;
  readonly world: ServiceWorld;
  /** Gets the worker's events, to be logged with this thread's own. */
  readonly onLog: (record: LogRecord) => void;
  /** Count what the worker counts, at most a second later. */
  readonly metrics: Metrics;
  /** Called once when the worker ends by itself: heap exhausted, an uncaught exception, a loop of 10 s. */
  readonly onFault: (error: Error) => void;
  readonly resourceLimits?: ResourceLimits;
  /** The default is {@link SILENCE_MAX_MS}. */
  readonly silenceMaxMs?: number;
}

/** Disposing gives running exchanges 5 s (the contract of Service); a worker that takes longer is ended. */
const DISPOSE_MAX_MS = 7_000;

/**
 * The service called `name` of the bundle `entry`, in a worker with devices of its own. The proxy behaves as the service does;
 * what `urls` and `status` tell is at most a second old.
 */
export function createServiceInWorker(
  entry: string,
  name: string,
  config: unknown,
  options: ServiceWorkerOptions,
): RunnableService {
  const { dataFolder, world, resourceLimits } = options;
  const { contentFolder } = world;
  const workerData: ServiceWorkerData = {
    role: 'service',
    entry,
    service: name,
    config,
    dataFolder,
    contentFolder,
  };
  const worker = new Worker(new URL(entry), {
    workerData,
    ...(resourceLimits === undefined ? {} : { resourceLimits }),
  });
  return new ServiceProxy(worker, name, options);
}

class ServiceProxy implements RunnableService {
  readonly #worker: Worker;
  readonly #name: string;
  readonly #options: ServiceWorkerOptions;
  readonly #count: ReturnType<typeof receiveMetrics>;
  readonly #started = Promise.withResolvers<void>();
  readonly #disposed = Promise.withResolvers<void>();
  #shown: ServiceShown = { urls: [], status: [] };
  #watch: NodeJS.Timeout | undefined;
  #ended = false;
  #disposing: Promise<void> | undefined;

  constructor(worker: Worker, name: string, options: ServiceWorkerOptions) {
    this.#worker = worker;
    this.#name = name;
    this.#options = options;
    this.#count = receiveMetrics(options.metrics);
    // Whoever starts the service hears of it there.
    this.#started.promise.catch(() => undefined);
    worker.on('message', (report: ServiceReport) => this.#handle(report));
    worker.on('error', error => this.#breakDown(error as Error));
    worker.on('exit', code => this.#breakDown(new Error(`the worker of ${name} ended with code ${code}`)));
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const onAbort = (): void => this.#order({ kind: 'abort' });
    signal.addEventListener('abort', onAbort, { once: true });
    this.#order({ kind: 'start' });
    this.#heard();
    await this.#started.promise;
  }

  urls(): readonly string[] {
    return this.#shown.urls;
  }

  status(): readonly StatusRows[] {
    return this.#shown.status;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#disposing ??= this.#dispose());
  }

  async #dispose(): Promise<void> {
    clearTimeout(this.#watch);
    this.#shown = { urls: [], status: this.#shown.status };
    if (this.#ended) return;
    this.#order({ kind: 'dispose' });
    const limit = setTimeout(() => this.#disposed.resolve(), DISPOSE_MAX_MS);
    await this.#disposed.promise;
    clearTimeout(limit);
    await this.#worker.terminate();
  }

  #order(message: ServiceOrder): void {
    this.#worker.postMessage(message);
  }

  /** A fault of the worker, which is then gone; told once, and not when it was meant to end. */
  #breakDown(error: Error): void {
    clearTimeout(this.#watch);
    this.#disposed.resolve();
    this.#started.reject(error);
    if (this.#ended) return;
    this.#ended = true;
    if (this.#disposing !== undefined) return;
    this.#options.onFault(error);
    void this.#worker.terminate();
  }

  /** A worker that reports is alive; one that does not is stuck in a loop, since reports are sent by a timer. */
  #heard(): void {
    clearTimeout(this.#watch);
    if (this.#disposing !== undefined || this.#ended) return;
    const { silenceMaxMs = SILENCE_MAX_MS } = this.#options;
    const silence = new Error(`${this.#name} has been silent for ${silenceMaxMs} ms: its loop is blocked`);
    this.#watch = setTimeout(() => this.#breakDown(silence), silenceMaxMs).unref();
  }

  #handle(report: ServiceReport): void {
    this.#heard();
    const { world, onLog } = this.#options;
    switch (report.kind) {
      case 'beat':
      case 'started':
        this.#shown = report.shown;
        if (report.kind === 'started') this.#started.resolve();
        break;
      case 'failed':
        this.#started.reject(Object.assign(new Error(report.message), { name: report.name }));
        this.#disposed.resolve();
        break;
      case 'disposed':
        this.#disposed.resolve();
        break;
      case 'degrade':
        world.health.degrade(report.key, report.reason);
        break;
      case 'recover':
        world.health.recover(report.key);
        break;
      case 'log':
        onLog(report.record);
        break;
      case 'metrics':
        this.#count(report.batch);
        break;
    }
  }
}
