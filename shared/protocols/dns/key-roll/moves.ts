import { isAlwaysValid } from './chain.ts';
import { replace, type KeyRollState, type RollKey } from './state.ts';

/** A change that a roll makes, in the order in which they are tried. */
export type MoveKind = 'sign-beside' | 'publish' | 'sign' | 'ask-parent' | 'sign-keys' | 'withdraw';

export interface Move {
  readonly kind: MoveKind;
  readonly after: KeyRollState;
}

/** The changes still to be made at `nowSeconds`, whether they may be made already or not. */
export function movesLeft(state: KeyRollState, nowSeconds: number): Move[] {
  const moves: Move[] = [];
  const consider = (kind: MoveKind, after: KeyRollState): void => {
    if (after !== state) moves.push({ kind, after });
  };
  const at = { state, nowSeconds };
  const signing = signingKeys(state);
  const newAlgorithms = signing.filter(key => !algorithmsShown(state).has(key.algorithm));
  // RFC 6781 §4.1.4: a new algorithm signs before its keys are shown.
  consider('sign-beside', withZoneSigners(at, union(state.zoneSigners.now, ids(newAlgorithms))));
  const { keys, signers } = state.dnskey.now;
  const staying = state.keys.filter(({ stage }) => stage !== 'retiring');
  const anchors = staying.filter(key => isKsk(key) && key.stage !== 'former');
  consider('publish', withDnskey(at, union(keys, ids(staying)), union(signers, ids(anchors))));
  consider('sign', withZoneSigners(at, ids(signersWanted(state, signing))));
  consider('ask-parent', withDsAsked(state));
  const former = staying.filter(({ stage }) => stage === 'former');
  consider('sign-keys', withDnskey(at, keys, without(signers, former)));
  const retiring = state.keys.filter(({ stage }) => stage === 'retiring');
  for (const gone of [retiring, ...retiring.map(key => [key])])
    consider('withdraw', withDnskey(at, without(keys, gone), without(signers, gone)));
  return moves;
}

/** Makes every change that leaves no resolver with a broken chain. */
export function makeMoves(state: KeyRollState, nowSeconds: number): KeyRollState {
  const possible = movesLeft(state, nowSeconds).find(({ after }) => isAlwaysValid(after));
  return possible === undefined ? state : makeMoves(possible.after, nowSeconds);
}

function isKsk({ role }: RollKey): boolean {
  return role !== 'zsk';
}

function isZsk({ role }: RollKey): boolean {
  return role !== 'ksk';
}

/** The keys that shall sign the zone in the end. */
function signingKeys({ keys }: KeyRollState): RollKey[] {
  return keys.filter(key => isZsk(key) && key.stage === 'current');
}

function algorithmsShown({ keys, dnskey }: KeyRollState): Set<number> {
  return new Set(keys.filter(({ id }) => dnskey.now.keys.includes(id)).map(({ algorithm }) => algorithm));
}

/** Those that shall sign, as far as they are shown; RFC 6781 §4.1.4: an old algorithm signs until its keys are out of all caches. */
function signersWanted(state: KeyRollState, signing: readonly RollKey[]): RollKey[] {
  const shown = algorithmsShown(state);
  const now = state.keys.filter(({ id }) => state.zoneSigners.now.includes(id));
  const isOldAlgorithm = (key: RollKey): boolean =>
    shown.has(key.algorithm) && !signing.some(({ algorithm }) => algorithm === key.algorithm);
  const ready = signing.filter(key => shown.has(key.algorithm) || now.includes(key));
  return signing.length === 0 ? [] : [...ready, ...now.filter(isOldAlgorithm)];
}

interface At {
  readonly state: KeyRollState;
  readonly nowSeconds: number;
}

function withDnskey(
  { state, nowSeconds }: At,
  keys: readonly string[],
  signers: readonly string[],
): KeyRollState {
  const { dnskey, times } = state;
  if (isSame(dnskey.now.keys, keys) && isSame(dnskey.now.signers, signers)) return state;
  // RFC 7583 §3.2.1: Ipub = Dprp + TTLkey. That there are no keys is cached as long as other negative answers: RFC 2308 §5.
  const ttl = dnskey.now.keys.length === 0 ? times.zoneTtlMaxSeconds : times.dnskeyTtlSeconds;
  const untilSeconds = nowSeconds + times.propagationSeconds + ttl;
  return { ...state, dnskey: replace(dnskey, { keys, signers }, untilSeconds) };
}

function withZoneSigners({ state, nowSeconds }: At, signers: readonly string[]): KeyRollState {
  const { zoneSigners, times } = state;
  if (isSame(zoneSigners.now, signers)) return state;
  // RFC 7583 §3.2.1: Iret = Dsgn + Dprp + TTLsig.
  const untilSeconds = nowSeconds + times.signingSeconds + times.propagationSeconds + times.zoneTtlMaxSeconds;
  return { ...state, zoneSigners: replace(zoneSigners, signers, untilSeconds) };
}

function withDsAsked(state: KeyRollState): KeyRollState {
  const wanted = ids(state.keys.filter(key => isKsk(key) && key.stage === 'current'));
  if (isSame(state.dsAsked.at(-1) ?? state.ds.now, wanted)) return state;
  return { ...state, dsAsked: [...state.dsAsked, wanted] };
}

function ids(keys: readonly RollKey[]): string[] {
  return keys.map(({ id }) => id);
}

function union(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set([...left, ...right])];
}

function without(left: readonly string[], gone: readonly RollKey[]): string[] {
  return left.filter(id => !gone.some(key => key.id === id));
}

/** The same keys, in any order. */
export function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every(id => right.includes(id));
}
