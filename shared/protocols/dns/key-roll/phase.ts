import { versions, type KeyRollState, type RollKey } from './state.ts';

/**
 * Where a key stands, in the words of RFC 7583 §3.1: not yet shown; shown, but not in all caches; shown to all; in use; in use no more, but
 * needed for what caches have; needed by nobody, and soon out of all caches.
 */
export type KeyPhase = 'generated' | 'published' | 'ready' | 'active' | 'retired' | 'dead';

/** A CSK is active as soon as it does one of its two works, and retired when it does none. */
export function phaseOf(state: KeyRollState, { id, role, stage }: RollKey): KeyPhase {
  const zone = role === 'ksk' ? [] : versions(state.zoneSigners);
  const ds = role === 'zsk' ? [] : versions(state.ds);
  const isUsedNow = [zone[0], ds[0]].some(ids => ids?.includes(id) === true);
  if (isUsedNow) return 'active';
  if (stage === 'former' || stage === 'retiring')
    return isUsed([...zone, ...ds, ...state.dsAsked], id) ? 'retired' : 'dead';
  if (!state.dnskey.now.keys.includes(id)) return 'generated';
  return versions(state.dnskey).every(({ keys }) => keys.includes(id)) ? 'ready' : 'published';
}

function isUsed(sets: readonly (readonly string[])[], id: string): boolean {
  return sets.some(ids => ids.includes(id));
}
