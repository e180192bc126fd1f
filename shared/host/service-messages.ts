import type { Devices } from '../devices/devices.ts';
import type { LogRecord } from '../devices/log.ts';
import type { MetricsBatch } from './forwarded-metrics.ts';

/** A service as this layer sees it: the shape of the appliance's `Service`, which lies above and cannot be imported. */
export interface RunnableService extends AsyncDisposable {
  start(signal: AbortSignal): Promise<void>;
  urls(): readonly string[];
  status(): readonly StatusRows[];
}

export interface StatusRows {
  readonly title: string;
  readonly rows: readonly (readonly [label: string, value: string])[];
}

export interface ServiceWorld {
  readonly health: {
    degrade(key: string, reason: string): void;
    recover(key: string): void;
  };
  readonly contentFolder: string;
}

/** The services that may run in a worker, by name. `config` is what the definition's schema gave, cloned. */
export type ServiceTable = Readonly<
  Record<
    string,
    { readonly create: (config: never, devices: Devices, world: ServiceWorld) => RunnableService }
  >
>;

export interface ServiceWorkerData {
  readonly role: 'service';
  readonly entry: string;
  readonly service: string;
  readonly config: unknown;
  readonly dataFolder: string;
  readonly contentFolder: string;
}

/** To the worker. */
export type ServiceOrder =
  { readonly kind: 'start' } | { readonly kind: 'abort' } | { readonly kind: 'dispose' };

/** From the worker. What it shows (`urls`, `status`) comes with every report, so that the proxy can answer at once. */
export type ServiceReport =
  | { readonly kind: 'beat'; readonly shown: ServiceShown }
  | { readonly kind: 'started'; readonly shown: ServiceShown }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  | { readonly kind: 'disposed' }
  | { readonly kind: 'degrade'; readonly key: string; readonly reason: string }
  | { readonly kind: 'recover'; readonly key: string }
  | { readonly kind: 'log'; readonly record: LogRecord }
  | { readonly kind: 'metrics'; readonly batch: MetricsBatch };

export interface ServiceShown {
  readonly urls: readonly string[];
  readonly status: readonly StatusRows[];
}

/** The worker reports this often: what the status page shows is at most so old. */
export const BEAT_MS = 1_000;

/** A worker that has not reported for so long is stuck in a loop and is ended. */
export const SILENCE_MAX_MS = 10_000;
