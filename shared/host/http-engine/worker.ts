import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import type { HttpPlanes } from '../../devices/http-engine.ts';
import { Engine } from './engine.ts';
import { Loop } from './loop.ts';
import type { FromWorker, HttpWorkerData } from './messages.ts';

/** Serves until it is told to close. To be loaded only in the worker: it needs node:ffi. */
export function runHttpWorker(planes: HttpPlanes): void {
  const data = workerData as HttpWorkerData;
  const plane = planes[data.plane];
  assert(plane !== undefined, `there is no HTTP plane called ${data.plane}`);
  assert(parentPort !== null, 'an HTTP worker has a parent');
  const port = parentPort;
  const post = (message: FromWorker): void => port.postMessage(message);
  const engine = new Engine(data, plane, post);
  // The thread keeps what it was started with for its life: the first content must not outlive its replacement.
  delete (workerData as Partial<Writable<HttpWorkerData>>).content;
  new Loop(engine, data, port).run();
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
