import { describe, expect, it } from 'vitest';
import { Prng } from '../../shared/simulation/prng.ts';
import { seededSigningKey } from '../../shared/simulation/signing-key.ts';
import { createScratch } from '../images/scratch.ts';
import { fileModes, modes, trySignedZone } from './signed-zone-trial.ts';
import { ANSWER_KINDS, tryAnswers } from './validated-answers.ts';
import { dnssecVerify, kzonecheck, ldnsDigest, ldnsVerifyZone, validnsChain } from './zone-checkers.ts';

const ZONES = 30;
const seeds = Array.from({ length: ZONES }, (_, index) => String(index));

describe('a signed random zone', () => {
  it.each(fileModes)('is right to ldns, BIND and Knot: $denial, algorithm $algorithm', async mode => {
    await using scratch = await createScratch();
    const checkers = [ldnsVerifyZone, dnssecVerify, kzonecheck];
    for (const seed of seeds)
      expect(await trySignedZone({ ...mode, seed, folder: scratch.path, checkers })).toEqual([]);
  });

  it.each(fileModes.filter(({ algorithm }) => algorithm === 13))(
    'has a chain that is right to validns: $denial',
    async mode => {
      await using scratch = await createScratch();
      const trial = { ...mode, folder: scratch.path, checkers: [validnsChain], zone: { plain: true } };
      for (const seed of seeds) expect(await trySignedZone({ ...trial, seed })).toEqual([]);
    },
  );

  // kzonecheck 3.2 does not look at digests, and ldns 1.8 loops over those of some zones with NSEC3.
  it.each(fileModes.filter(({ denial }) => denial === 'nsec'))(
    'has the right digest to ldns: algorithm $algorithm',
    async mode => {
      await using scratch = await createScratch();
      const trial = { ...mode, folder: scratch.path, checkers: [ldnsDigest], zonemd: true };
      for (const seed of seeds) expect(await trySignedZone({ ...trial, seed })).toEqual([]);
    },
  );

  it.each(modes)('has answers that delv and unbound accept: $denial, algorithm $algorithm', async mode => {
    await using scratch = await createScratch();
    const asked: string[] = [];
    for (const seed of seeds) {
      const tried = await tryAnswers({ ...mode, seed, folder: scratch.path });
      expect(tried.complaints).toEqual([]);
      asked.push(...tried.asked);
    }
    for (const kind of ANSWER_KINDS)
      expect(asked.filter(each => each === kind).length, kind).toBeGreaterThan(4);
  });

  it.each(modes)(
    'has no answer that they accept by another key: $denial, algorithm $algorithm',
    async mode => {
      await using scratch = await createScratch();
      const other = seededSigningKey(new Prng('another'), { algorithm: mode.algorithm, ksk: true });
      const tried = await tryAnswers({ ...mode, seed: '0', folder: scratch.path, trust: other.dnskey });
      expect(tried.asked).not.toEqual([]);
      // By either of the two.
      expect(tried.complaints).toHaveLength(2 * tried.asked.length);
    },
  );
});
