import { assert } from '../base/assert.ts';
import { DeviceError } from '../devices/device-error.ts';
import { type Job, JOB_QUEUE_MAX, type JobOptions, type Jobs, type JobTable } from '../devices/jobs.ts';
import type { Life } from './life.ts';
import type { Prng } from './prng.ts';

/** Virtual time that a job takes on its thread; its real time does not count. */
const JOB_US = [100, 5_000] as const;

/** As many at a time as a small machine has cores. */
const THREADS = 2;

/**
 * Runs jobs in place, after a virtual while, two at a time. A job that never ends cannot be ended here, since it holds the
 * only real thread there is: `timeoutMs` counts virtual time alone.
 */
export function createSimulatedJobs(table: JobTable, life: Life, prng: Prng): Jobs {
  const waiting: (() => void)[] = [];
  let busy = 0;
  let isClosed = false;

  const enter = async (options: JobOptions): Promise<void> => {
    if (busy < THREADS) return void busy++;
    if (waiting.length >= JOB_QUEUE_MAX) throw new DeviceError('busy', `${JOB_QUEUE_MAX} jobs wait already`);
    const turn = Promise.withResolvers<void>();
    waiting.push(turn.resolve);
    const abort = (): void => {
      const index = waiting.indexOf(turn.resolve);
      if (index < 0) return;
      waiting.splice(index, 1);
      turn.reject(options.signal?.reason);
    };
    options.signal?.addEventListener('abort', abort, { once: true });
    await turn.promise;
    options.signal?.removeEventListener('abort', abort);
  };
  const leave = (): void => {
    const next = waiting.shift();
    // The thread goes straight to the next in the queue: `busy` stays as it is.
    if (next === undefined) busy--;
    else next();
  };

  return {
    async run<Output>(name: string, input: unknown, options: JobOptions = {}): Promise<Output> {
      options.signal?.throwIfAborted();
      if (isClosed) throw closed();
      const job = table[name];
      assert(job !== undefined, `there is no job '${name}'`);
      // A thread gets a copy, so a job that changes its input changes nobody else's.
      const copy: unknown = structuredClone(input);
      await enter(options);
      try {
        return (await perform(job, copy, { options, life, durationUs: prng.between(...JOB_US) })) as Output;
      } finally {
        leave();
      }
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await life.delay(0);
    },
  };
}

interface Run {
  readonly options: JobOptions;
  readonly life: Life;
  readonly durationUs: number;
}

async function perform(job: Job, input: unknown, { options, life, durationUs }: Run): Promise<unknown> {
  const { signal, timeoutMs = Infinity } = options;
  if (durationUs > timeoutMs * 1_000) {
    await life.delay(timeoutMs * 1_000);
    throw new DeviceError('timed-out', `the job took longer than ${timeoutMs} ms`);
  }
  const ended = Promise.withResolvers<void>();
  const abort = (): void => ended.reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const event = life.after(durationUs, ended.resolve);
  try {
    await ended.promise;
    return structuredClone((job as (input: unknown) => unknown)(input));
  } finally {
    life.cancel(event);
    signal?.removeEventListener('abort', abort);
  }
}

function closed(): DeviceError {
  return new DeviceError('closed', 'the jobs are closed');
}
