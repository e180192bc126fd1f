/** Logs far more than any console takes at once, and tells by a file how long that took and that the loop goes on. */
import { writeFileSync } from 'node:fs';
import { createHostLog } from '../../shared/host/log.ts';

const log = createHostLog();
const begun = performance.now();
for (let index = 0; index < 20_000; index++) log.info({ index, filler: 'x'.repeat(200) }, 'flood');
const tookMs = performance.now() - begun;
setTimeout(() => {
  writeFileSync(process.argv[2] ?? '', JSON.stringify({ tookMs }));
  // Lives until the test has read what was lost.
  setTimeout(() => undefined, 3_000);
}, 10);
