import { isBuiltin } from 'node:module';
import { assert } from '../../base/assert.ts';
import type { HttpEngine, HttpPlanes } from '../../devices/http-engine.ts';
import type { Log } from '../../devices/log.ts';

export interface HostHttpEngineOptions {
  /** The composition root, whose first act in a worker is `runHostWorker`. */
  readonly entry: string | URL;
  readonly planes: HttpPlanes;
  readonly log: Log;
}

/** HTTP/1.1 by system calls in workers; undefined where there is no Linux or no node:ffi. */
export function createHostHttpEngine(options: HostHttpEngineOptions): HttpEngine | undefined {
  if (process.platform !== 'linux' || !isBuiltin('node:ffi')) return undefined;
  return {
    async serve(serving) {
      assert(serving.plane in options.planes, `there is no HTTP plane called ${serving.plane}`);
      // Loaded only where it is used: a host without node:ffi cannot even read it.
      const { serveHttp } = await import('./http-server.ts');
      return await serveHttp(serving, options);
    },
  };
}
