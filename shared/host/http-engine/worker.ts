import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import type { HttpPlanes } from '../../devices/http-engine.ts';
import type { FromWorker, HttpWorkerData } from './messages.ts';

/** Serves until it is told to close. The parts that need node:ffi are loaded only here. */
export function runHttpWorker(planes: HttpPlanes): true {
  const data = workerData as HttpWorkerData;
  const plane = planes[data.plane];
  assert(plane !== undefined, `there is no HTTP plane called ${data.plane}`);
  assert(parentPort !== null, 'an HTTP worker has a parent');
  const port = parentPort;
  const post = (message: FromWorker): void => port.postMessage(message);
  // A rejection is an uncaught exception of this thread, which the main thread sees as the worker's error.
  void Promise.all([import('./engine.ts'), import('./loop.ts')]).then(([{ Engine }, { Loop }]) =>
    new Loop(new Engine(data, plane, post), data, port).run(),
  );
  return true;
}
