import { viewOf } from '../../base/bytes.ts';
import type { Random } from '../../devices/random.ts';

const WAIT_FIRST_MS = 500;
const WAIT_MAX_MS = 8_000;

/**
 * How long to wait before the attempt after `failures` failed ones: exponential, and spread over the whole of the wait ("full
 * jitter"), so that clients which failed together do not come back together. Without `random` there is no jitter.
 */
export function retryWaitMs(failures: number, random: Random | undefined): number {
  const limitMs = Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** Math.min(failures - 1, 10));
  if (random === undefined) return limitMs;
  return (viewOf(random.bytes(4)).getUint32(0) / 0x1_0000_0000) * limitMs;
}
