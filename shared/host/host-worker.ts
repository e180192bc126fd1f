import { isMainThread, workerData } from 'node:worker_threads';
import type { HttpPlanes } from '../devices/http-engine.ts';
import type { JobTable } from '../devices/jobs.ts';
import type { DataPlanes } from '../devices/udp.ts';
import type { ServiceTable } from './service-messages.ts';

/** What a composition root offers to its workers, by name. */
export interface HostWorlds {
  readonly planes: DataPlanes;
  readonly httpPlanes?: HttpPlanes;
  readonly jobs: JobTable;
  readonly services: ServiceTable;
}

/**
 * Does this thread's work where the host's devices started it as a worker; false on the main thread, which goes on. There is one
 * bundle, so every worker begins where the main thread does and must look here first. Each loads its own part alone: what a worker
 * evaluates, it holds in a heap of its own.
 */
export function runHostWorker(worlds: HostWorlds): boolean {
  if (isMainThread) return false;
  const run = runnerOf((workerData as { role?: string } | null)?.role, worlds);
  // A rejection is an uncaught exception of this thread, which the main thread sees as the worker's error.
  void run?.();
  return run !== undefined;
}

function runnerOf(role: string | undefined, worlds: HostWorlds): (() => Promise<unknown>) | undefined {
  switch (role) {
    case 'job':
      return async () => (await import('./job-worker.ts')).runJobWorker(worlds.jobs);
    case 'plane':
      return async () => (await import('./udp-plane-worker.ts')).runPlaneWorker(worlds.planes);
    case 'http':
      return async () => (await import('./http-engine/worker.ts')).runHttpWorker(worlds.httpPlanes ?? {});
    case 'service':
      return async () => (await import('./service-worker-thread.ts')).runServiceWorker(worlds);
    case 'database':
      return async () => (await import('./stores/database-worker.ts')).runDatabaseWorker();
    default:
      return undefined;
  }
}
