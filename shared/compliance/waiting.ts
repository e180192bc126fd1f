import type { Clock } from '../devices/clock.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Flow, Listener, ListenOptions, Tcp } from '../devices/tcp.ts';

/** A made world of one device; disposing it releases what the suite left open. */
export type Make<World> = () => Promise<World & AsyncDisposable>;

/** Longer than any device needs on a busy machine, shorter than the test runner's own patience. */
const DEADLINE_MS = 4_500;

/** `promise`, or a failure that says what did not happen. */
export async function within<T>(
  clock: Clock,
  what: string,
  promise: PromiseLike<T>,
  limitMs = DEADLINE_MS,
): Promise<T> {
  const stop = new AbortController();
  const tooLate = clock.sleep(limitMs, stop.signal).then(() => {
    throw new Error(`${what} did not happen within ${limitMs} ms`);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    stop.abort();
    tooLate.catch(() => undefined);
  }
}

/** Waits until `holds`. */
export async function until(clock: Clock, what: string, holds: () => boolean): Promise<void> {
  const start = clock.monotonic();
  while (!holds()) {
    if (clock.monotonic() - start > DEADLINE_MS)
      throw new Error(`${what} did not happen within ${DEADLINE_MS} ms`);
    await clock.sleep(5);
  }
}

/** What came in on a flow so far, and how it ended. */
export interface Received {
  bytes(): Uint8Array;
  readonly ended: boolean;
  readonly closes: number;
}

/** Collects from now on; takes errors, so that a reset is no uncaught exception. */
export function collect(flow: Flow): Received {
  const chunks: Uint8Array[] = [];
  const state = { ended: false, closes: 0 };
  flow.on('data', (chunk: Uint8Array) => void chunks.push(Uint8Array.from(chunk)));
  flow.on('end', () => void (state.ended = true));
  flow.on('close', () => void state.closes++);
  flow.on('error', () => undefined);
  return {
    bytes: () => concatBytes(chunks),
    get ended() {
      return state.ended;
    },
    get closes() {
      return state.closes;
    },
  };
}

/** A listener whose accepted flows can be waited for one by one. */
export interface Accepting extends AsyncDisposable {
  readonly listener: Listener;
  next(): Promise<Flow>;
}

export async function accepting(tcp: Tcp, options: ListenOptions): Promise<Accepting> {
  const flows: Flow[] = [];
  const waiting: ((flow: Flow) => void)[] = [];
  const all: Flow[] = [];
  const listener = await tcp.listen(options, flow => {
    all.push(flow);
    const next = waiting.shift();
    if (next === undefined) flows.push(flow);
    else next(flow);
  });
  return {
    listener,
    next: () =>
      new Promise(resolve => {
        const first = flows.shift();
        if (first === undefined) waiting.push(resolve);
        else resolve(first);
      }),
    async [Symbol.asyncDispose]() {
      for (const flow of all) flow.destroy();
      await listener.close();
    },
  };
}
