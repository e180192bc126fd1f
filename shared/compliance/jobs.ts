import { describe, expect, it } from 'vitest';
import type { Clock } from '../devices/clock.ts';
import { JOB_QUEUE_MAX, type Jobs } from '../devices/jobs.ts';
import { within, type Make } from './waiting.ts';

export interface JobsWorld {
  /** Made with `complianceJobs` of job-table.ts. */
  readonly jobs: Jobs;
  readonly clock: Clock;
  /** Whether a job that never ends can be ended: not where jobs run in place. */
  readonly canEndJobs: boolean;
}

type Check = (title: string, test: (world: JobsWorld) => Promise<void>) => void;

/** What every {@link Jobs} must do. */
export function describeJobs(name: string, make: Make<JobsWorld>): void {
  const check: Check = (title, test) =>
    it(title, async () => {
      await using world = await make();
      await test(world);
    });
  describe(`${name} runs jobs`, () => describeRuns(check));
  describe(`${name} ends jobs`, () => describeEnds(check));
}

function describeRuns(check: Check): void {
  check('run() gives what the job returns', async ({ jobs }) => {
    expect(await jobs.run('compliance-sum', [1, 2, 3])).toBe(6);
    expect(await jobs.run<Uint8Array>('compliance-reverse', Uint8Array.of(1, 2, 3))).toEqual(
      Uint8Array.of(3, 2, 1),
    );
  });

  check('run() throws what the job throws, and goes on', async ({ jobs }) => {
    await expect(jobs.run('compliance-throw', 'too far')).rejects.toMatchObject({
      name: 'RangeError',
      message: 'too far',
    });
    expect(await jobs.run('compliance-sum', [4])).toBe(4);
  });

  check('many jobs all get their own answer', async ({ jobs }) => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => jobs.run<number>('compliance-sum', [index, 1])),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });

  check('an aborted signal is thrown', async ({ jobs }) => {
    const signal = AbortSignal.abort(new Error('nobody waits'));
    await expect(jobs.run('compliance-sum', [1], { signal })).rejects.toThrow('nobody waits');
  });

  check('a closed pool says closed', async ({ jobs }) => {
    await jobs[Symbol.asyncDispose]();
    await expect(jobs.run('compliance-sum', [1])).rejects.toMatchObject({ kind: 'closed' });
  });
}

function describeEnds(check: Check): void {
  const checkEnding: Check = (title, test) =>
    check(title, async world => {
      if (world.canEndJobs) await test(world);
    });

  checkEnding('a job that takes too long is ended, and the next one runs', async ({ jobs, clock }) => {
    const spinning = jobs.run('compliance-spin', undefined, { timeoutMs: 200 });
    await expect(within(clock, 'the time-out', spinning)).rejects.toMatchObject({ kind: 'timed-out' });
    expect(await within(clock, 'the next job', jobs.run('compliance-sum', [1, 1]))).toBe(2);
  });

  checkEnding('a running job can be aborted, and so can a waiting one', async ({ jobs, clock }) => {
    const stop = new AbortController();
    const spinning = Array.from({ length: 20 }, () =>
      jobs.run('compliance-spin', undefined, { signal: stop.signal }).catch((error: unknown) => error),
    );
    await clock.sleep(50);
    stop.abort(new Error('enough'));
    for (const outcome of await within(clock, 'their end', Promise.all(spinning)))
      expect(outcome).toMatchObject({ message: 'enough' });
    expect(await within(clock, 'the next job', jobs.run('compliance-sum', [1, 1]))).toBe(2);
  });

  checkEnding('more than JOB_QUEUE_MAX waiting jobs are busy', async ({ jobs, clock }) => {
    const stop = new AbortController();
    const running = Array.from({ length: JOB_QUEUE_MAX + 200 }, () =>
      jobs.run('compliance-spin', undefined, { signal: stop.signal }).catch((error: unknown) => error),
    );
    await expect(within(clock, 'a refusal', running.at(-1)!)).resolves.toMatchObject({ kind: 'busy' });
    stop.abort(new Error('enough'));
    await within(clock, 'their end', Promise.all(running));
  });

  checkEnding('closing ends running and waiting jobs', async ({ jobs, clock }) => {
    const spinning = Array.from({ length: 10 }, () =>
      jobs.run('compliance-spin', undefined).catch((error: unknown) => error),
    );
    await clock.sleep(50);
    await within(clock, 'the close', jobs[Symbol.asyncDispose]());
    for (const outcome of await Promise.all(spinning)) expect(outcome).toMatchObject({ kind: 'closed' });
  });
}
