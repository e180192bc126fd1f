/** Logs far more than any console takes at once, and tells its parent how long that took once the loop has gone on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createHostLog } from '../../shared/host/log.ts';

export interface FloodReport {
  readonly tookMs: number;
}

// Lives until the test has read what was lost, however long that takes.
process.once('disconnect', () => process.exit());
const log = createHostLog();
const begun = performance.now();
for (let index = 0; index < 20_000; index++) log.info({ index, filler: 'x'.repeat(200) }, 'flood');
const tookMs = performance.now() - begun;
await sleep(10);
process.send?.({ tookMs } satisfies FloodReport);
