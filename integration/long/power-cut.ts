/** A thousand power cuts of the stores as they are, in recordings of some minutes, and a hundred with a sync left out. */
import { recordRun, tryCuts } from '../durability/power-cut.ts';
import { seededRandom } from '../durability/workload.ts';
import { runLongTest, type Progress } from './run/run.ts';

interface Cuts extends Progress {
  readonly losses: {
    readonly whole: number;
    readonly 'no-folder-sync': number;
    readonly 'no-content-sync': number;
  };
}

await runLongTest<Cuts>({
  name: 'power-cut',
  goal: 1_000,
  begin: { done: 0, faults: [], losses: { whole: 0, 'no-folder-sync': 0, 'no-content-sync': 0 } },
  async piece({ done, faults, losses }) {
    const recording = await recordRun({ whole: 600, 'no-folder-sync': 40, 'no-content-sync': 40 });
    const cuts = { whole: 100, 'no-folder-sync': 5, 'no-content-sync': 5 };
    const found = await tryCuts(recording, cuts, seededRandom(done + 1));
    const sum = (phase: keyof typeof losses): number => losses[phase] + found[phase].losses;
    return {
      done: done + found.whole.cuts,
      faults: [...faults, ...found.whole.faults],
      losses: {
        whole: sum('whole'),
        'no-folder-sync': sum('no-folder-sync'),
        'no-content-sync': sum('no-content-sync'),
      },
    };
  },
  judge: ({ losses }) =>
    (['no-folder-sync', 'no-content-sync'] as const)
      .filter(phase => losses[phase] === 0)
      .map(phase => `nothing was lost with ${phase}: the comparison sees nothing`),
});
