import { once } from 'node:events';
import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { LogRecord } from '../devices/log.ts';
import {
  SILENCE_MAX_MS,
  type RunnableService,
  type ServiceOrder,
  type ServiceReport,
  type ServiceShown,
  type ServiceWorkerData,
  type ServiceWorld,
} from './service-messages.ts';

export interface ServiceWorkerOptions {
  /** Where the worker's devices keep their data: not the folder of another set of devices in use. */
  readonly dataFolder: string;
  readonly world: ServiceWorld;
  /** Gets the worker's events; see {@link HostLog.write}. */
  readonly onLog: (record: LogRecord) => void;
  /** Called once when the worker ends by itself: heap exhausted, an uncaught exception, a loop of 10 s. */
  readonly onFault: (error: Error) => void;
  readonly resourceLimits?: ResourceLimits;
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
  const { dataFolder, world } = options;
  const workerData: ServiceWorkerData = {
    role: 'service',
    entry,
    service: name,
    config,
    dataFolder,
    contentFolder: world.contentFolder,
  };
  const { resourceLimits } = options;
  const worker = new Worker(new URL(entry), {
    workerData,
    ...(resourceLimits === undefined ? {} : { resourceLimits }),
  });
  const order = (message: ServiceOrder): void => worker.postMessage(message);
  let shown: ServiceShown = { urls: [], status: [] };
  let fault: Error | undefined;
  let ending = false;
  let watch: NodeJS.Timeout | undefined;
  const started = Promise.withResolvers<void>();
  const disposed = Promise.withResolvers<void>();
  started.promise.catch(() => undefined);

  function breakDown(error: Error): void {
    clearTimeout(watch);
    disposed.resolve();
    if (fault !== undefined || ending) return;
    fault = error;
    started.reject(error);
    options.onFault(error);
    void worker.terminate();
  }

  function heard(): void {
    clearTimeout(watch);
    const silence = new Error(
      `${name} has not answered for ${SILENCE_MAX_MS / 1_000} s: its loop is blocked`,
    );
    watch = setTimeout(() => breakDown(silence), SILENCE_MAX_MS).unref();
  }

  worker.on('message', (report: ServiceReport) => {
    if (!ending && fault === undefined) heard();
    switch (report.kind) {
      case 'beat':
        shown = report.shown;
        break;
      case 'started':
        shown = report.shown;
        started.resolve();
        break;
      case 'failed':
        started.reject(Object.assign(new Error(report.message), { name: report.name }));
        disposed.resolve();
        break;
      case 'disposed':
        disposed.resolve();
        break;
      case 'degrade':
        world.health.degrade(report.key, report.reason);
        break;
      case 'recover':
        world.health.recover(report.key);
        break;
      case 'log':
        options.onLog(report.record);
        break;
    }
  });
  worker.on('error', error => breakDown(error as Error));
  worker.on('exit', code => breakDown(new Error(`the worker of ${name} ended with code ${code}`)));

  return {
    async start(signal) {
      signal.throwIfAborted();
      signal.addEventListener('abort', () => order({ kind: 'abort' }), { once: true });
      order({ kind: 'start' });
      await started.promise;
    },
    urls: () => shown.urls,
    status: () => shown.status,
    async [Symbol.asyncDispose]() {
      if (ending || fault !== undefined) return;
      ending = true;
      clearTimeout(watch);
      order({ kind: 'dispose' });
      const limit = setTimeout(() => disposed.resolve(), DISPOSE_MAX_MS);
      await disposed.promise;
      clearTimeout(limit);
      await Promise.race([once(worker, 'exit'), worker.terminate()]);
    },
  };
}
