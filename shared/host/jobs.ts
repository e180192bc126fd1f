import { isBuiltin } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { DeviceError } from '../devices/device-error.ts';
import { JOB_QUEUE_MAX, type JobOptions, type Jobs, type JobTable } from '../devices/jobs.ts';
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

/** Jobs in a pool of threads, made as they are needed. A job that is aborted or takes too long ends its thread. */
export function createHostJobs(options: HostJobsOptions): Jobs {
  const pool = new JobPool(options.entry, options.threads ?? availableParallelism());
  return {
    run<Output>(name: string, input: unknown, more: JobOptions = {}) {
      assert(name in options.jobs, `there is no job called ${name}`);
      return pool.run({ name, input }, more) as Promise<Output>;
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

interface Job {
  readonly request: { readonly name: string; readonly input: unknown };
  readonly timeoutMs: number;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  running: Job | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** A thread leaves behind what it had freed: hundreds of MB where it read a large zone. Loaded only where it can be: see udp.ts. */
async function giveBackMemory(): Promise<void> {
  if (process.platform === 'linux' && isBuiltin('node:ffi'))
    (await import('./ffi/free-memory.ts')).giveBackFreeMemory();
}

class JobPool {
  readonly #entry: string | URL;
  readonly #threadsMax: number;
  readonly #threads = new Set<Thread>();
  readonly #queue: Job[] = [];
  #closed = false;

  constructor(entry: string | URL, threadsMax: number) {
    this.#entry = entry;
    this.#threadsMax = threadsMax;
  }

  run(request: Job['request'], { signal, timeoutMs = TIMEOUT_DEFAULT_MS }: JobOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      if (this.#closed) return reject(new DeviceError('closed', 'the jobs are closed'));
      if (this.#queue.length >= JOB_QUEUE_MAX)
        return reject(new DeviceError('busy', `${JOB_QUEUE_MAX} jobs are waiting already`));
      const settle = (): void => signal?.removeEventListener('abort', onAbort);
      const job: Job = {
        request,
        timeoutMs,
        resolve: output => (settle(), resolve(output)),
        reject: error => (settle(), reject(error)),
      };
      const onAbort = (): void => this.#abandon(job, signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(job);
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const reason = new DeviceError('closed', 'the jobs are closed');
    for (const job of this.#queue.splice(0)) job.reject(reason);
    await Promise.all([...this.#threads].map(thread => this.#end(thread, reason)));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const free = [...this.#threads].find(thread => thread.running === undefined);
      if (free === undefined && this.#threads.size >= this.#threadsMax) return;
      const next = this.#queue.shift();
      if (next !== undefined) this.#begin(free ?? this.#spawn(), next);
    }
  }

  #spawn(): Thread {
    const workerData: JobWorkerData = { role: 'job' };
    const worker = new Worker(this.#entry, { workerData });
    const thread: Thread = { worker, running: undefined, timer: undefined };
    this.#threads.add(thread);
    worker.on('message', (reply: JobReply) => this.#finish(thread, reply));
    worker.on('error', error => void this.#end(thread, error));
    worker.on('exit', () => void this.#end(thread, new DeviceError('failed', "the job's thread ended")));
    return thread;
  }

  #begin(thread: Thread, job: Job): void {
    clearTimeout(thread.timer);
    thread.running = job;
    thread.worker.ref();
    thread.timer = setTimeout(() => {
      const what = `job ${job.request.name} took longer than ${job.timeoutMs} ms`;
      void this.#end(thread, new DeviceError('timed-out', what));
    }, job.timeoutMs);
    try {
      thread.worker.postMessage(job.request);
    } catch (error) {
      // Not cloneable: the caller's mistake, and the thread is as good as before.
      this.#release(thread);
      job.reject(error);
    }
  }

  #finish(thread: Thread, reply: JobReply): void {
    const job = thread.running;
    this.#release(thread);
    if (reply.ok) job?.resolve(reply.output);
    else job?.reject(Object.assign(new Error(reply.message), { name: reply.name }));
    this.#dispatch();
  }

  #release(thread: Thread): void {
    clearTimeout(thread.timer);
    thread.running = undefined;
    thread.worker.unref();
    thread.timer = setTimeout(() => void this.#end(thread, undefined), IDLE_MS).unref();
  }

  /** Ends a thread for good; its job, if it has one, fails with `reason`. */
  async #end(thread: Thread, reason: unknown): Promise<void> {
    if (!this.#threads.delete(thread)) return;
    clearTimeout(thread.timer);
    thread.running?.reject(reason);
    await thread.worker.terminate();
    // One signal may have aborted many jobs: by now those that waited are gone and get no thread of their own.
    this.#dispatch();
    await giveBackMemory();
  }

  #abandon(job: Job, reason: unknown): void {
    const index = this.#queue.indexOf(job);
    if (index >= 0) this.#queue.splice(index, 1);
    job.reject(reason);
    for (const thread of this.#threads) if (thread.running === job) void this.#end(thread, reason);
  }
}
