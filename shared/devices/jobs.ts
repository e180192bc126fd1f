/** A pure function that may run on another thread: its input and output are structured-cloneable. */
export type Job = (input: never) => unknown;

/** The jobs that a composition root offers, by name. */
export type JobTable = Readonly<Record<string, Job>>;

export interface JobOptions {
  readonly signal?: AbortSignal;
  /** Ends the job's thread when it takes longer; the default is 30 s. */
  readonly timeoutMs?: number;
}

/** Heavy computation off the main thread: hashing, compressing, verifying, thumbnails. */
export interface Jobs extends AsyncDisposable {
  /**
   * Runs the job of that name with `input` and resolves to its output. Waits in a queue of {@link JOB_QUEUE_MAX} when all threads are busy.
   * @throws DeviceError `timed-out`, `busy` (queue full), `closed`; an Error with the job's own message when it threw; the signal's reason.
   */
  run<Output>(name: string, input: unknown, options?: JobOptions): Promise<Output>;
}

/** Enough for a burst of requests; more would only wait longer than their clients do. */
export const JOB_QUEUE_MAX = 1_000;
