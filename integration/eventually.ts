import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  /** The default is half a minute. */
  readonly timeoutMs?: number;
  /** Between two looks; the default is 50 ms. */
  readonly pollMs?: number;
  /** What was seen instead, for who wonders why it did not come. */
  readonly seen?: () => string;
}

/** Tests of one process settle in less than a second; this is for a machine that is busy with others. */
const TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/**
 * Looks until there is something to see, which is neither `undefined` nor `false`, and gives it. A look that throws ends the waiting.
 * @throws Error saying what did not come in time
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeoutMs = TIMEOUT_MS, pollMs = POLL_MS, seen }: Patience = {},
): Promise<Exclude<T, undefined | false>> {
  for (const end = performance.now() + timeoutMs; ; await sleep(pollMs)) {
    const found = await look();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (performance.now() >= end) break;
  }
  const instead = seen === undefined ? '' : `:\n${seen()}`;
  throw new Error(`not within ${timeoutMs / 1000} s: ${what}${instead}`);
}
