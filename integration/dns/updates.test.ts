import { expect, it } from 'vitest';
import { Prng } from '../../shared/simulation/prng.ts';
import { createScratch } from '../images/scratch.ts';
import { applyToBoth, randomUpdates, startPair } from './random-updates.ts';

/** The long form is `npm run test:long -- dns-updates`. */
const UPDATES = 100;

it('updates by nsupdate have the answers of BIND, and end in the same zone', async () => {
  await using scratch = await createScratch();
  await using pair = await startPair(scratch.path);
  const lines = randomUpdates(new Prng('updates'), UPDATES);
  const { said, difference } = await applyToBoth(pair, scratch.path, lines);
  expect(said[0]).toBe(said[1]);
  expect(said[0]).toContain('update failed');
  expect(difference).toBe('');
}, 60_000);
