/** Certificates through three simulated years, for many seeds: the short form in `npm test` has one year. */
import { simulate } from '../../shared/simulation/scenario.ts';
import { certificatesScenario } from '../../images/cli/scenarios/certificates/certificates.ts';
import { runLongTest, type Progress } from './run/run.ts';

const YEARS = 3;
const SEEDS_PER_PIECE = 5;

interface Seeds extends Progress {
  readonly years: number;
  readonly events: number;
}

await runLongTest<Seeds>({
  name: 'certificates',
  goal: 50,
  begin: { done: 0, faults: [], years: YEARS, events: 0 },
  async piece(progress) {
    const scenario = certificatesScenario(YEARS);
    const faults = [...progress.faults];
    let { done, events } = progress;
    for (let count = 0; count < SEEDS_PER_PIECE; count++) {
      const outcome = await simulate(scenario, { seed: ++done });
      events += outcome.events;
      for (const { name, detail } of outcome.violations) faults.push(`seed ${done}: ${name}: ${detail}`);
    }
    return { ...progress, done, faults, events };
  },
  judge: ({ events }) => (events < 100_000 ? [`only ${events} events`] : []),
});
