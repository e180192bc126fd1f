import { isMainThread, workerData } from 'node:worker_threads';
import type { HttpPlanes } from '../devices/http-engine.ts';
import type { JobTable } from '../devices/jobs.ts';
import type { DataPlanes } from '../devices/udp.ts';
import { runHttpWorker } from './http-engine/worker.ts';
import { runJobWorker } from './job-worker.ts';
import { runServiceWorker } from './service-worker-thread.ts';
import type { ServiceTable } from './service-messages.ts';
import { runDatabaseWorker } from './stores/database-worker.ts';
import { runPlaneWorker } from './udp-plane-worker.ts';

/** What a composition root offers to its workers, by name. */
export interface HostWorlds {
  readonly planes: DataPlanes;
  readonly httpPlanes?: HttpPlanes;
  readonly jobs: JobTable;
  readonly services: ServiceTable;
}

/**
 * Does this thread's work where the host's devices started it as a worker; false on the main thread, which goes on. There is one
 * bundle, so every worker begins where the main thread does and must look here first.
 */
export function runHostWorker(worlds: HostWorlds): boolean {
  if (isMainThread) return false;
  switch ((workerData as { role?: string } | null)?.role) {
    case 'job':
      return runJobWorker(worlds.jobs);
    case 'plane':
      return runPlaneWorker(worlds.planes);
    case 'http':
      return runHttpWorker(worlds.httpPlanes ?? {});
    case 'service':
      return runServiceWorker(worlds);
    case 'database':
      return runDatabaseWorker();
    default:
      return false;
  }
}
