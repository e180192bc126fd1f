/**
 * Random zones, signed with NSEC, NSEC3 and compact denial by algorithms 13 and 15, and again in the midst of a roll: ldns, BIND and Knot have no
 * complaint about any file, and delv and unbound accept answers of every kind. The short form is `integration/dns/signing.test.ts`.
 */
import { fileModes, modes, trySignedZone } from '../dns/signed-zone-trial.ts';
import { tryAnswers } from '../dns/validated-answers.ts';
import { dnssecVerify, kzonecheck, ldnsVerifyZone } from '../dns/zone-checkers.ts';
import { createScratch } from '../images/scratch.ts';
import { runLongTest, type Progress } from './run/run.ts';

/** How many answers of each kind were put to the validators. */
type Asked = Readonly<Record<string, number>>;

const CHECKERS = [ldnsVerifyZone, dnssecVerify, kzonecheck];
const ZONES_A_PIECE = 10;

await runLongTest<Progress & { readonly asked: Asked }>({
  name: 'zone-signing',
  goal: 300,
  begin: { done: 0, faults: [], asked: {} },
  async piece({ done, faults, asked }) {
    await using scratch = await createScratch();
    const found = [...faults];
    const counts: Record<string, number> = { ...asked };
    for (let number = done; number < done + ZONES_A_PIECE; number++) {
      const trial = { seed: `long ${number}`, folder: scratch.path, checkers: CHECKERS };
      for (const mode of fileModes) found.push(...(await trySignedZone({ ...trial, ...mode })));
      for (const mode of modes) {
        const tried = await tryAnswers({ ...trial, ...mode });
        found.push(...tried.complaints);
        for (const kind of tried.asked) counts[kind] = (counts[kind] ?? 0) + 1;
      }
    }
    return { done: done + ZONES_A_PIECE, faults: found, asked: counts };
  },
});
