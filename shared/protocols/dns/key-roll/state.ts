/** What a key does: signs DNSKEY and stands at the parent (KSK), signs all else (ZSK), or both (CSK). */
export type KeyRole = 'ksk' | 'zsk' | 'csk';

/**
 * `next`: shown and, if it can, signing DNSKEY long before it is needed; `current`: to be used; `former`: used no more, but shown until the key after
 * it comes; `retiring`: on its way out. With a next and a former key in the DNSKEY records, a state from before the last roll, gone back to
 * (a restored snapshot), leaves no resolver with a broken chain.
 */
export type KeyStage = 'next' | 'current' | 'former' | 'retiring';

export interface RollKey {
  /** The caller's name of it, never used twice. */
  readonly id: string;
  readonly algorithm: number;
  readonly role: KeyRole;
  /** When it came, or became the current one. */
  readonly sinceSeconds: number;
  readonly stage: KeyStage;
}

/** The DNSKEY RRset: the keys in it and those that sign it. */
export interface DnskeySet {
  readonly keys: readonly string[];
  readonly signers: readonly string[];
}

/** Something that resolvers keep: what is served now, and what some of them may still have from before. */
export interface Cached<T> {
  readonly now: T;
  readonly past: readonly { readonly value: T; readonly untilSeconds: number }[];
}

/** How long what is replaced lives on, in seconds: the delays and TTLs of RFC 7583 §3.1, each the longest that there can be. */
export interface RollTimes {
  /** Dprp: until every server of the zone has a change. */
  readonly propagationSeconds: number;
  /** Dsgn: until the whole zone is signed again. */
  readonly signingSeconds: number;
  /** TTLkey */
  readonly dnskeyTtlSeconds: number;
  /** TTLsig: the longest TTL in the zone. */
  readonly zoneTtlMaxSeconds: number;
  /** DprpP: until every server of the parent has a change, counted from when all that were asked had it. */
  readonly parentPropagationSeconds: number;
  /** TTLds */
  readonly dsTtlSeconds: number;
}

/** All of it is plain data: it is stored with the keys. */
export interface KeyRollState {
  readonly times: RollTimes;
  readonly keys: readonly RollKey[];
  readonly dnskey: Cached<DnskeySet>;
  /** The keys whose signatures are on the zone's records. */
  readonly zoneSigners: Cached<readonly string[]>;
  /** The keys that DS records at the parent are of, as last seen there. */
  readonly ds: Cached<readonly string[]>;
  /** What the parent was asked for, the last at the end, and has not been seen to have: it may have each of them at any moment. */
  readonly dsAsked: readonly (readonly string[])[];
}

const NOTHING: DnskeySet = { keys: [], signers: [] };

/** A zone that was served unsigned until now. `step` with its first keys begins to sign it. */
export function unsignedZone(times: RollTimes): KeyRollState {
  return {
    times,
    keys: [],
    dnskey: { now: NOTHING, past: [] },
    zoneSigners: { now: [], past: [] },
    ds: { now: [], past: [] },
    dsAsked: [],
  };
}

/** `next` is served from now on; what was is kept until `untilSeconds` by someone. */
export function replace<T>(cached: Cached<T>, next: T, untilSeconds: number): Cached<T> {
  return { now: next, past: [...cached.past, { value: cached.now, untilSeconds }] };
}

/** What resolvers may have of it. */
export function versions<T>({ now, past }: Cached<T>): readonly T[] {
  return [now, ...past.map(({ value }) => value)];
}

/** The state at a later time: what nobody can have any more is forgotten. */
export function expire(state: KeyRollState, nowSeconds: number): KeyRollState {
  const fresh = <T>({ now, past }: Cached<T>): Cached<T> => ({
    now,
    past: past.filter(({ untilSeconds }) => untilSeconds > nowSeconds),
  });
  return {
    ...state,
    dnskey: fresh(state.dnskey),
    zoneSigners: fresh(state.zoneSigners),
    ds: fresh(state.ds),
  };
}

/** When something is forgotten next. */
export function nextExpiry({ dnskey, zoneSigners, ds }: KeyRollState): number | undefined {
  const ends = [dnskey, zoneSigners, ds].flatMap(({ past }) => past.map(({ untilSeconds }) => untilSeconds));
  return ends.length === 0 ? undefined : Math.min(...ends);
}
