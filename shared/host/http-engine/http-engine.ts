import { isBuiltin } from 'node:module';
import { totalmem } from 'node:os';
import { assert } from '../../base/assert.ts';
import type { HttpEngine, HttpPlanes } from '../../devices/http-engine.ts';
import type { Log } from '../../devices/log.ts';

export interface HostHttpEngineOptions {
  /** The composition root, whose first act in a worker is `runHostWorker`. */
  readonly entry: string | URL;
  readonly planes: HttpPlanes;
  readonly log: Log;
}

/**
 * A second heap of JavaScript takes about 40 MB. In a machine of 128 MB, where every page of node's own code counts, that is what makes it
 * crawl; there the main thread serves alone.
 */
const MEMORY_MIN_BYTES = 192 * 2 ** 20;

/** HTTP/1.1 by system calls in workers; undefined where there is no Linux, no node:ffi, or too little memory. */
export function createHostHttpEngine(options: HostHttpEngineOptions): HttpEngine | undefined {
  if (process.platform !== 'linux' || !isBuiltin('node:ffi') || totalmem() < MEMORY_MIN_BYTES)
    return undefined;
  return {
    async serve(serving) {
      assert(serving.plane in options.planes, `there is no HTTP plane called ${serving.plane}`);
      // Loaded only where it is used: a host without node:ffi cannot even read it.
      const { serveHttp } = await import('./http-server.ts');
      return await serveHttp(serving, options);
    },
  };
}
