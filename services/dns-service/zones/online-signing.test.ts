import { describe, expect, it } from 'vitest';
import { name } from '../../../shared/protocols/dns/answer/testing/ask.ts';
import { ALGORITHM } from '../../../shared/protocols/dns/dnssec/dnskey.ts';
import { denyName } from '../../../shared/protocols/dns/dnssec/compact-denial.ts';
import { decodeRrsig } from '../../../shared/protocols/dns/dnssec/signature.ts';
import type { SigningKey } from '../../../shared/protocols/dns/dnssec/signing-key.ts';
import { Prng } from '../../../shared/simulation/prng.ts';
import { seededSigningKey } from '../../../shared/simulation/signing-key.ts';
import { World } from '../../../shared/simulation/world.ts';
import { ONLINE_KEPT_MAX, ONLINE_REUSE_MS } from './limits.ts';
import { OnlineSigning } from './online-signing.ts';

const apex = name('zone.test');
const prng = new Prng('online signing');
const [first, second] = [1, 2].map(() =>
  seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: true }),
) as [SigningKey, SigningKey];

/** One zone whose key can be exchanged, and how often it signed. */
function setUp() {
  const world = new World('online signing');
  let count = 0;
  let signer = first;
  const counted = (key: SigningKey): SigningKey => ({ ...key, sign: data => (count++, key.sign(data)) });
  const zone = {
    apex,
    signer: {
      keys: {
        get zoneKeys() {
          return { ksk: [signer], zsk: [counted(signer)] };
        },
      },
    },
  };
  const { clock } = world.host('server').devices;
  const { sign } = new OnlineSigning([zone], clock);
  const deny = (owner: string) => sign(apex, denyName(name(owner), { apex, ttlSeconds: 300 }));
  return { world, clock, sign, deny, count: () => count, roll: () => (signer = second) };
}

describe('OnlineSigning', () => {
  it('gives a signature again, in whatever case its name is asked', () => {
    const { deny, count } = setUp();
    expect(deny('X.zone.test')).toBe(deny('x.zone.test'));
    expect(deny('y.zone.test')).not.toBe(deny('x.zone.test'));
    expect(count()).toBe(2);
  });

  it('makes it anew long before it ends', async () => {
    const { world, clock, deny } = setUp();
    const [before] = deny('x.zone.test') ?? [];
    const startSeconds = clock.now() / 1_000;
    await world.run(async () => clock.sleep(ONLINE_REUSE_MS));
    expect(deny('x.zone.test')?.[0]).not.toBe(before);
    expect(decodeRrsig(before as Uint8Array)?.expirationSeconds).toBeGreaterThan(startSeconds + 2 * 3_600);
  });

  it('signs by the keys of now', () => {
    const { deny, roll } = setUp();
    const tags = (): unknown => deny('x.zone.test')?.map(data => decodeRrsig(data)?.keyTag);
    expect(tags()).toEqual([first.keyTag]);
    roll();
    expect(tags()).toEqual([second.keyTag]);
  });

  it('keeps no more than it may', () => {
    const { deny, count } = setUp();
    for (let index = 0; index <= ONLINE_KEPT_MAX; index++) deny(`${index}.zone.test`);
    const made = count();
    deny(`${ONLINE_KEPT_MAX}.zone.test`);
    expect(count()).toBe(made);
    deny('0.zone.test');
    expect(count()).toBe(made + 1);
  });

  it('has no signature for a zone that it does not sign', () => {
    const { sign } = setUp();
    const other = name('other.test');
    expect(sign(other, denyName(name('x.other.test'), { apex: other, ttlSeconds: 1 }))).toBeUndefined();
  });
});
