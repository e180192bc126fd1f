import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { DeviceError } from '../devices/device-error.ts';
import { JOB_QUEUE_MAX, type Jobs, type JobTable } from '../devices/jobs.ts';
import type { JobReply, JobWorkerData } from './job-worker.ts';

const TIMEOUT_DEFAULT_MS = 30_000;

/** An idle thread holds some 10 MB: on a machine of 128 MB that is given back soon. */
const IDLE_MS = 10_000;

export interface HostJobsOptions {
  /** The composition root, whose first act in a worker is `runHostWorker`. */
  readonly entry: string | URL;
  readonly jobs: JobTable;
  /** The default is one for each core. */
  readonly threads?: number;
}

interface Waiting {
  readonly name: string;
  readonly input: unknown;
  readonly timeoutMs: number;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  running: Waiting | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Jobs in a pool of threads, made as they are needed. A job that is aborted or takes too long ends its thread. */
export function createHostJobs(options: HostJobsOptions): Jobs {
  const threadsMax = options.threads ?? availableParallelism();
  const threads = new Set<Thread>();
  const queue: Waiting[] = [];
  let closed = false;

  function dispatch(): void {
    while (queue.length > 0) {
      const free = [...threads].find(thread => thread.running === undefined);
      if (free === undefined && threads.size >= threadsMax) return;
      const next = queue.shift();
      if (next !== undefined) begin(free ?? spawn(), next);
    }
  }

  function spawn(): Thread {
    const workerData: JobWorkerData = { role: 'job' };
    const thread: Thread = {
      worker: new Worker(options.entry, { workerData }),
      running: undefined,
      timer: undefined,
    };
    threads.add(thread);
    thread.worker.on('message', (reply: JobReply) => finish(thread, reply));
    thread.worker.on('error', error => drop(thread, error));
    thread.worker.on('exit', () => drop(thread, new DeviceError('failed', "the job's thread ended")));
    return thread;
  }

  function begin(thread: Thread, job: Waiting): void {
    clearTimeout(thread.timer);
    thread.running = job;
    thread.worker.ref();
    thread.timer = setTimeout(() => {
      drop(thread, new DeviceError('timed-out', `job ${job.name} took longer than ${job.timeoutMs} ms`));
    }, job.timeoutMs);
    try {
      thread.worker.postMessage({ name: job.name, input: job.input });
    } catch (error) {
      // Not cloneable: the caller's mistake, and the thread is as good as before.
      release(thread);
      job.reject(error);
    }
  }

  function finish(thread: Thread, reply: JobReply): void {
    const job = thread.running;
    release(thread);
    if (reply.ok) job?.resolve(reply.output);
    else job?.reject(Object.assign(new Error(reply.message), { name: reply.name }));
    dispatch();
  }

  function release(thread: Thread): void {
    clearTimeout(thread.timer);
    thread.running = undefined;
    thread.worker.unref();
    thread.timer = setTimeout(() => drop(thread, undefined), IDLE_MS).unref();
  }

  /** Ends a thread for good; its job, if it has one, fails with `reason`. */
  function drop(thread: Thread, reason: unknown): void {
    if (!threads.delete(thread)) return;
    clearTimeout(thread.timer);
    thread.running?.reject(reason);
    void thread.worker.terminate();
    dispatch();
  }

  function run<Output>(
    name: string,
    input: unknown,
    { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<Output> {
    assert(name in options.jobs, `there is no job called ${name}`);
    return new Promise<Output>((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      if (closed) return reject(new DeviceError('closed', 'the jobs are closed'));
      if (queue.length >= JOB_QUEUE_MAX)
        return reject(new DeviceError('busy', `${JOB_QUEUE_MAX} jobs are waiting already`));
      const settle = (): void => signal?.removeEventListener('abort', onAbort);
      const job: Waiting = {
        name,
        input,
        timeoutMs: timeoutMs ?? TIMEOUT_DEFAULT_MS,
        resolve: output => (settle(), resolve(output as Output)),
        reject: error => (settle(), reject(error as Error)),
      };
      const onAbort = (): void => abandon(job, signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.push(job);
      dispatch();
    });
  }

  function abandon(job: Waiting, reason: unknown): void {
    const index = queue.indexOf(job);
    if (index >= 0) {
      queue.splice(index, 1);
      return job.reject(reason);
    }
    for (const thread of threads) if (thread.running === job) drop(thread, reason);
  }

  return {
    run,
    async [Symbol.asyncDispose]() {
      closed = true;
      const reason = new DeviceError('closed', 'the jobs are closed');
      for (const job of queue.splice(0)) job.reject(reason);
      const workers = [...threads].map(thread => thread.worker);
      for (const thread of threads) drop(thread, reason);
      await Promise.all(workers.map(worker => worker.terminate()));
    },
  };
}
