/** Random updates by nsupdate to ours and to BIND: the same answers, and the same zone in the end. The short form is `integration/dns/updates.test.ts`. */
import { Prng } from '../../shared/simulation/prng.ts';
import { createScratch } from '../images/scratch.ts';
import { applyToBoth, randomUpdates, startPair } from '../dns/random-updates.ts';
import { runLongTest, type Progress } from './run/run.ts';

const UPDATES_A_PIECE = 250;

await runLongTest<Progress>({
  name: 'dns-updates',
  goal: 1_000,
  begin: { done: 0, faults: [] },
  async piece({ done, faults }) {
    await using scratch = await createScratch();
    await using pair = await startPair(scratch.path);
    const lines = randomUpdates(new Prng(`updates ${done}`), UPDATES_A_PIECE);
    const { said, difference } = await applyToBoth(pair, scratch.path, lines);
    const found = [
      ...(said[0] === said[1] ? [] : [`seed ${done}: ours says ${said[0]}, BIND ${said[1]}`]),
      ...(difference === '' ? [] : [`seed ${done}: ${difference}`]),
    ];
    return { done: done + UPDATES_A_PIECE, faults: [...faults, ...found] };
  },
});
