/**
 * Random zones, signed by NSEC and NSEC3 with algorithms 13 and 15 and again in the midst of a roll: ldns, BIND and Knot have no
 * complaint about any. The short form is `integration/dns/signing.test.ts`.
 */
import { modes, trySignedZone } from '../dns/signed-zone-trial.ts';
import { dnssecVerify, kzonecheck, ldnsVerifyZone } from '../dns/zone-checkers.ts';
import { createScratch } from '../images/scratch.ts';
import { runLongTest, type Progress } from './run/run.ts';

const CHECKERS = [ldnsVerifyZone, dnssecVerify, kzonecheck];
const ZONES_A_PIECE = 10;

await runLongTest<Progress>({
  name: 'zone-signing',
  goal: 300,
  begin: { done: 0, faults: [] },
  async piece({ done, faults }) {
    await using scratch = await createScratch();
    const found = [...faults];
    for (let seed = done; seed < done + ZONES_A_PIECE; seed++)
      for (const mode of modes) {
        const trial = { ...mode, seed: `long ${seed}`, folder: scratch.path, checkers: CHECKERS };
        found.push(...(await trySignedZone(trial)));
      }
    return { done: done + ZONES_A_PIECE, faults: found };
  },
});
