import type { KeyRollState } from './state.ts';

/** What is served now, by the ids of the keys. */
export interface SigningPlan {
  readonly published: readonly string[];
  readonly dnskeySigners: readonly string[];
  readonly zoneSigners: readonly string[];
  /** The keys that CDS and CDNSKEY are of (RFC 7344 §4), `delete` (RFC 8078 §4), or neither where there is nothing to say. */
  readonly atParent?: readonly string[] | 'delete';
}

export function signingPlan({ dnskey, zoneSigners, ds, dsAsked }: KeyRollState): SigningPlan {
  const plan = {
    published: dnskey.now.keys,
    dnskeySigners: dnskey.now.signers,
    zoneSigners: zoneSigners.now,
  };
  const asked = dsAsked.at(-1);
  if (asked?.length === 0) return { ...plan, atParent: 'delete' };
  // RFC 7344 §5: the records stay when the parent has followed; they say that all is as it should be.
  const atParent = asked ?? ds.now;
  return atParent.length === 0 ? plan : { ...plan, atParent };
}
