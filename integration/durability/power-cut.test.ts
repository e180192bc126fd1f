import { expect, it } from 'vitest';
import { recordRun, tryCuts } from './power-cut.ts';
import { seededRandom } from './workload.ts';

it('the stores keep what they acknowledged when power is cut, and the check sees a sync that is left out', async () => {
  const recording = await recordRun({ whole: 250, 'no-folder-sync': 30, 'no-content-sync': 30 });
  const cuts = { whole: 34, 'no-folder-sync': 6, 'no-content-sync': 10 };
  const found = await tryCuts(recording, cuts, seededRandom(1));
  expect(found.whole.faults).toEqual([]);
  expect(found['no-folder-sync'].losses).toBeGreaterThan(0);
  expect(found['no-content-sync'].losses).toBeGreaterThan(0);
});
