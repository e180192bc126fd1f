import { parentPort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import type { JobTable } from '../devices/jobs.ts';

export interface JobWorkerData {
  readonly role: 'job';
}

export interface JobRequest {
  readonly name: string;
  readonly input: unknown;
}

export type JobReply =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly name: string; readonly message: string };

/** Answers one job after the other; the pool sends the next when it has the last one's reply. */
export function runJobWorker(jobs: JobTable): void {
  assert(parentPort !== null, 'a job worker has a parent');
  const parent = parentPort;
  parent.on('message', (request: JobRequest) => parent.postMessage(answer(jobs, request)));
}

function answer(jobs: JobTable, { name, input }: JobRequest): JobReply {
  try {
    const job = jobs[name];
    assert(job !== undefined, `there is no job called ${name}`);
    return { ok: true, output: job(input as never) };
  } catch (error) {
    return error instanceof Error
      ? { ok: false, name: error.name, message: error.message }
      : { ok: false, name: 'Error', message: String(error) };
  }
}
