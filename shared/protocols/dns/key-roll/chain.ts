import { versions, type DnskeySet, type KeyRollState } from './state.ts';

/**
 * Whether every resolver can validate the zone, whatever it has in its cache: each DS set that it may have leads through each DNSKEY set
 * to each set of signatures. This one condition gives all the waiting times of RFC 7583: a change is made when it holds after it.
 */
export function isAlwaysValid(state: KeyRollState): boolean {
  const algorithms = new Map(state.keys.map(({ id, algorithm }) => [id, algorithm]));
  return [...versions(state.ds), ...state.dsAsked].every(ds =>
    versions(state.dnskey).every(dnskey =>
      versions(state.zoneSigners).every(zoneSigners => isValid({ ds, dnskey, zoneSigners }, algorithms)),
    ),
  );
}

interface Chain {
  readonly ds: readonly string[];
  readonly dnskey: DnskeySet;
  readonly zoneSigners: readonly string[];
}

/** As strict validators see it: every algorithm that is shown must lead from DS to data, not only one. */
function isValid({ ds, dnskey, zoneSigners }: Chain, algorithms: ReadonlyMap<string, number>): boolean {
  // RFC 4035 §4.3: without a DS the zone is insecure, and nothing in it can be bogus.
  if (ds.length === 0) return true;
  const { keys, signers } = dnskey;
  const has = (ids: readonly string[], algorithm: number | undefined): boolean =>
    ids.some(id => algorithms.get(id) === algorithm && keys.includes(id));
  const shown = (ids: readonly string[]): (number | undefined)[] => ids.map(id => algorithms.get(id));
  const anchors = signers.filter(id => ds.includes(id));
  return (
    // RFC 4035 §2.2: the DNSKEY RRset MUST be signed by each algorithm in the DS RRset, by a key that a DS is of (§5.2).
    shown(ds).every(algorithm => has(anchors, algorithm)) &&
    // RFC 4035 §2.2: there MUST be a signature of each algorithm in the DNSKEY RRset on every RRset.
    shown(keys).every(algorithm => has(signers, algorithm) && has(zoneSigners, algorithm))
  );
}
