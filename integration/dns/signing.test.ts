import { describe, expect, it } from 'vitest';
import { createScratch } from '../images/scratch.ts';
import { modes, trySignedZone } from './signed-zone-trial.ts';
import { dnssecVerify, kzonecheck, ldnsDigest, ldnsVerifyZone, validnsChain } from './zone-checkers.ts';

const ZONES = 30;
const seeds = Array.from({ length: ZONES }, (_, index) => String(index));

describe('a signed random zone', () => {
  it.each(modes)('is right to ldns, BIND and Knot: $denial, algorithm $algorithm', async mode => {
    await using scratch = await createScratch();
    const checkers = [ldnsVerifyZone, dnssecVerify, kzonecheck];
    for (const seed of seeds)
      expect(await trySignedZone({ ...mode, seed, folder: scratch.path, checkers })).toEqual([]);
  });

  it.each(modes.filter(({ algorithm }) => algorithm === 13))(
    'has a chain that is right to validns: $denial',
    async mode => {
      await using scratch = await createScratch();
      const trial = { ...mode, folder: scratch.path, checkers: [validnsChain], zone: { plain: true } };
      for (const seed of seeds) expect(await trySignedZone({ ...trial, seed })).toEqual([]);
    },
  );

  // kzonecheck 3.2 does not look at digests, and ldns 1.8 loops over those of some zones with NSEC3.
  it.each(modes.filter(({ denial }) => denial === 'nsec'))(
    'has the right digest to ldns: algorithm $algorithm',
    async mode => {
      await using scratch = await createScratch();
      const trial = { ...mode, folder: scratch.path, checkers: [ldnsDigest], zonemd: true };
      for (const seed of seeds) expect(await trySignedZone({ ...trial, seed })).toEqual([]);
    },
  );
});
