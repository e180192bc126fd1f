/** Two hundred kills of a writing process. */
import { killRepeatedly } from '../durability/kill.ts';
import { runLongTest, type Progress } from './run/run.ts';

interface Kills extends Progress {
  readonly acknowledged: number;
}

await runLongTest<Kills>({
  name: 'kill',
  goal: 200,
  begin: { done: 0, faults: [], acknowledged: 0 },
  async piece({ done, faults, acknowledged }) {
    const outcome = await killRepeatedly(25, Math.random);
    return {
      done: done + outcome.kills,
      faults: [...faults, ...outcome.faults],
      acknowledged: acknowledged + outcome.acknowledged,
    };
  },
  judge: ({ acknowledged }) => (acknowledged < 2_000 ? [`only ${acknowledged} steps were acknowledged`] : []),
});
