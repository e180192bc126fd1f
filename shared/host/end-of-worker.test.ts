import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { endOf } from './end-of-worker.ts';

it('waits for the thread of a worker that throws, and does not throw with it', async () => {
  const worker = new Worker('throw new Error("at its end")', { eval: true });
  const errors: Error[] = [];
  worker.on('error', error => errors.push(error as Error));
  await endOf(worker);
  expect(errors.map(({ message }) => message)).toEqual(['at its end']);
  // Node's number of a thread that is gone.
  expect(worker.threadId).toBe(-1);
});
