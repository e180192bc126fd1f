import type { Worker } from 'node:worker_threads';

/**
 * Resolves when the thread is gone, whatever it died of: `once` of node:events would reject with the error of one that throws at its end,
 * before its thread has left what it uses. To be asked while it runs.
 */
export function endOf(worker: Worker): Promise<void> {
  return new Promise(resolve => {
    worker.once('exit', () => resolve());
  });
}
