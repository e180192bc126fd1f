import { assert } from '../../../base/assert.ts';
import type { SigningKey, ZoneKeys } from '../dnssec/signing-key.ts';
import type { SigningPlan } from './signing-plan.ts';

/** The keys that a plan names, as `signZone` takes them. Where the plan names none, the zone is served unsigned. */
export function zoneKeys(plan: SigningPlan, keys: ReadonlyMap<string, SigningKey>): ZoneKeys {
  const named = (ids: readonly string[]): SigningKey[] =>
    ids.map(id => {
      const key = keys.get(id);
      assert(key !== undefined, `the key ${id} of a plan is there`);
      return key;
    });
  const dnskeys = (ids: readonly string[]): SigningKey['dnskey'][] => named(ids).map(({ dnskey }) => dnskey);
  const { published, dnskeySigners, zoneSigners, atParent } = plan;
  return {
    ksk: named(dnskeySigners),
    zsk: named(zoneSigners),
    published: dnskeys(published),
    ...(atParent === undefined ? {} : { atParent: atParent === 'delete' ? atParent : dnskeys(atParent) }),
  };
}
