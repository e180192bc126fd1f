import type { Clock } from '../../../shared/devices/clock.ts';
import { SLICE_MS } from './limits.ts';

/** Runs what takes long step by step, so that nothing else waits for it for longer than a slice. */
export async function inSlices<T>(steps: Iterator<void, T>, clock: Clock): Promise<T> {
  for (;;) {
    const endMs = clock.monotonic() + SLICE_MS;
    do {
      const { done, value } = steps.next();
      if (done === true) return value;
    } while (clock.monotonic() < endMs);
    await clock.sleep(0);
  }
}
