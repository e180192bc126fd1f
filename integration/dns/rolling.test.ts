import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatAbsoluteName } from '../../shared/protocols/dns/absolute-name.ts';
import { signZone } from '../../shared/protocols/dns/dnssec/sign-zone.ts';
import { flattenSignatures, type SignedZone } from '../../shared/protocols/dns/dnssec/signed-zone.ts';
import type { SigningKey } from '../../shared/protocols/dns/dnssec/signing-key.ts';
import { signingPlan } from '../../shared/protocols/dns/key-roll/signing-plan.ts';
import { unsignedZone, type KeyRole, type RollTimes } from '../../shared/protocols/dns/key-roll/state.ts';
import { step, type KeyRollEvent } from '../../shared/protocols/dns/key-roll/step.ts';
import { zoneKeys } from '../../shared/protocols/dns/key-roll/zone-keys.ts';
import { formatZone } from '../../shared/protocols/dns/zone-file/format-zone.ts';
import { Prng } from '../../shared/simulation/prng.ts';
import { seededSigningKey } from '../../shared/simulation/signing-key.ts';
import { createScratch } from '../images/scratch.ts';
import { randomZone } from './random-zone.ts';
import { dnssecVerify, ldnsVerifyZone } from './zone-checkers.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const times: RollTimes = {
  propagationSeconds: HOUR,
  signingSeconds: 60,
  dnskeyTtlSeconds: HOUR,
  zoneTtlMaxSeconds: DAY,
  parentPropagationSeconds: HOUR,
  dsTtlSeconds: DAY,
};

const key = (id: string, role: KeyRole, algorithm: 13 | 15) => ({ id, role, algorithm });
const KSK = key('k1', 'ksk', 13);
const ZSK = key('z1', 'zsk', 13);
const CSK = key('c1', 'csk', 15);
type Key = typeof KSK;

const rolls: readonly (readonly [string, readonly Key[], readonly Key[]])[] = [
  ['of the ZSK', [KSK, ZSK], [key('z2', 'zsk', 13)]],
  ['of the KSK', [KSK, ZSK], [key('k2', 'ksk', 13)]],
  ['of the CSK', [CSK], [key('c2', 'csk', 15)]],
  ['from CSK to KSK and ZSK', [CSK], [key('k2', 'ksk', 15), key('z2', 'zsk', 15)]],
  ['of the algorithm', [KSK, ZSK], [key('k2', 'ksk', 15), key('z2', 'zsk', 15)]],
];

/** The plans from the first keys to the end of a roll, each once. */
function plansOf(first: readonly Key[], next: readonly Key[]) {
  let { state } = step(unsignedZone(times), { type: 'roll', keys: first }, 0);
  const plans = [signingPlan(state)];
  for (let hours = 1; hours < 24 * 20; hours++) {
    const asked = state.dsAsked.at(-1);
    const event: KeyRollEvent = asked === undefined ? { type: 'tick' } : { type: 'ds-seen', keys: asked };
    ({ state } = step(state, hours === 24 * 10 ? { type: 'roll', keys: next } : event, hours * HOUR));
    const plan = signingPlan(state);
    if (JSON.stringify(plan) !== JSON.stringify(plans.at(-1))) plans.push(plan);
  }
  return plans;
}

describe('a roll', () => {
  it.each(rolls)('%s is right to ldns and BIND at every step', async (_, first, next) => {
    await using scratch = await createScratch();
    const prng = new Prng('rolling');
    const zone = randomZone(prng.fork('zone'), { names: 6 });
    const keys = new Map<string, SigningKey>(
      [...first, ...next].map(({ id, role, algorithm }) => [
        id,
        seededSigningKey(prng, { algorithm, ksk: role !== 'zsk' }),
      ]),
    );
    const plans = plansOf(first, next);
    expect(plans.at(-1)?.published).toEqual(expect.arrayContaining(next.map(({ id }) => id)));
    const nowSeconds = Math.floor(Date.now() / 1000);
    let signed: SignedZone | undefined;
    for (const [index, plan] of plans.entries()) {
      const policy = {
        inceptionSeconds: nowSeconds - HOUR,
        expirationSeconds: () => nowSeconds + 14 * DAY,
        renewBeforeSeconds: nowSeconds + DAY,
        denial: 'nsec' as const,
        dnskeyTtlSeconds: HOUR,
        zonemd: false,
      };
      signed = signZone(zone, zoneKeys(plan, keys), policy, signed);
      const path = join(scratch.path, String(index));
      await writeFile(path, formatZone(flattenSignatures(signed)));
      const file = {
        path,
        apex: formatAbsoluteName(zone.apex),
        singleKey: !plan.zoneSigners.some(id => id.startsWith('z')),
      };
      for (const checker of [ldnsVerifyZone, dnssecVerify])
        expect(await checker.check(file), `${checker.name}: ${JSON.stringify(plan)}`).toBeUndefined();
    }
  });
});
