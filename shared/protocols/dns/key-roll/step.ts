import { assert } from '../../../base/assert.ts';
import { makeMoves, isSame } from './moves.ts';
import {
  expire,
  nextExpiry,
  replace,
  versions,
  type KeyRollState,
  type KeyStage,
  type RollKey,
  type RollTimes,
} from './state.ts';

export type NewKey = Pick<RollKey, 'id' | 'algorithm' | 'role'>;

export type KeyRollEvent =
  /** Keys that are shown from now on, to be rolled to some day. */
  | { readonly type: 'prepare'; readonly keys: readonly NewKey[] }
  /** New keys, or prepared ones, come into use: the first ones, or in the place of others. With another algorithm, all of them. */
  | { readonly type: 'roll'; readonly keys: readonly NewKey[] }
  /** Every server of the parent has DS records of these of the zone's keys and no others. */
  | { readonly type: 'ds-seen'; readonly keys: readonly string[] }
  /** The zone shall be unsigned again. */
  | { readonly type: 'leave' }
  | { readonly type: 'times'; readonly times: RollTimes }
  | { readonly type: 'tick' };

/** The key is in no cache any more: its private half may be destroyed. */
export interface ForgetKey {
  readonly type: 'forget-key';
  readonly id: string;
}

export interface KeyRollStep {
  readonly state: KeyRollState;
  readonly actions: readonly ForgetKey[];
  /** When caches forget something, and a roll may go on; absent where nothing is left to do or it is the parent's turn. */
  readonly wakeAtSeconds?: number;
}

/** One step of the rolls of a zone's keys: RFC 7583, RFC 6781 §4.1. It may be called at any time and as often as one likes. */
export function step(state: KeyRollState, event: KeyRollEvent, nowSeconds: number): KeyRollStep {
  const moved = makeMoves(apply(expire(state, nowSeconds), event, nowSeconds), nowSeconds);
  const forgotten = moved.keys.filter(key => key.stage === 'retiring' && !isInUse(moved, key.id));
  const after = { ...moved, keys: moved.keys.filter(key => !forgotten.includes(key)) };
  const wakeAtSeconds = nextExpiry(after);
  return {
    state: after,
    actions: forgotten.map(({ id }) => ({ type: 'forget-key', id })),
    ...(wakeAtSeconds === undefined ? {} : { wakeAtSeconds }),
  };
}

function apply(state: KeyRollState, event: KeyRollEvent, nowSeconds: number): KeyRollState {
  switch (event.type) {
    case 'prepare':
      return prepareKeys(state, event.keys, nowSeconds);
    case 'roll':
      return rollTo(state, event.keys, nowSeconds);
    case 'ds-seen':
      return seeDs(state, event.keys, nowSeconds);
    case 'leave':
      return { ...state, keys: state.keys.map(key => ({ ...key, stage: 'retiring' })) };
    case 'times':
      return { ...state, times: event.times };
    case 'tick':
      return state;
  }
}

type Duty = 'dnskey' | 'zone';
const DUTIES: Readonly<Record<RollKey['role'], readonly Duty[]>> = {
  ksk: ['dnskey'],
  zsk: ['zone'],
  csk: ['dnskey', 'zone'],
};

function prepareKeys(state: KeyRollState, added: readonly NewKey[], nowSeconds: number): KeyRollState {
  const next = added.map((key): RollKey => ({ ...key, sinceSeconds: nowSeconds, stage: 'next' }));
  return checked({ ...state, keys: [...state.keys, ...next] });
}

function rollTo(state: KeyRollState, chosen: readonly NewKey[], nowSeconds: number): KeyRollState {
  const isChosen = (id: string): boolean => chosen.some(key => key.id === id);
  const taken = new Set(chosen.flatMap(({ role }) => DUTIES[role]));
  const isPrepared = state.keys.some(key => isChosen(key.id));
  const old = state.keys
    .filter(({ id }) => !isChosen(id))
    .map((key): RollKey => ({ ...key, stage: stageAfter(key, taken, isPrepared) }));
  const current = chosen.map((key): RollKey => ({ ...key, sinceSeconds: nowSeconds, stage: 'current' }));
  return checked({ ...state, keys: [...old, ...current] });
}

/** A key gives way when others have come for all that it does. What signed the zone stays as the former one if its follower was prepared. */
function stageAfter({ role, stage }: RollKey, taken: ReadonlySet<Duty>, isPrepared: boolean): KeyStage {
  if (!DUTIES[role].every(duty => taken.has(duty))) return stage;
  return stage === 'current' && role !== 'ksk' && isPrepared ? 'former' : 'retiring';
}

function checked(state: KeyRollState): KeyRollState {
  const { keys } = state;
  const current = keys.filter(({ stage }) => stage === 'current');
  assert(new Set(keys.map(({ id }) => id)).size === keys.length, 'no two keys have one id');
  assert(
    new Set(current.map(({ algorithm }) => algorithm)).size === 1,
    'the keys in use are of one algorithm',
  );
  assert(
    new Set(current.flatMap(({ role }) => DUTIES[role])).size === 2,
    'there are a KSK and a ZSK in use, or a CSK',
  );
  return state;
}

/** What the parent had, and what it was asked for before this, may be in caches for TTLds yet. */
function seeDs(before: KeyRollState, seen: readonly string[], nowSeconds: number): KeyRollState {
  const state = followParent(before, seen, nowSeconds);
  const { times, dsAsked } = state;
  const index = dsAsked.findLastIndex(asked => isSame(asked, seen));
  if (index < 0 && isSame(state.ds.now, seen)) return state;
  const untilSeconds = nowSeconds + times.parentPropagationSeconds + times.dsTtlSeconds;
  let ds = state.ds;
  for (const value of [...dsAsked.slice(0, Math.max(index, 0)), seen]) ds = replace(ds, value, untilSeconds);
  return { ...state, ds, dsAsked: dsAsked.slice(index + 1) };
}

/** The parent has a prepared key: the roll to it was made in a life that a restored snapshot has forgotten. It is made again. */
function followParent(state: KeyRollState, seen: readonly string[], nowSeconds: number): KeyRollState {
  const prepared = state.keys.filter(({ id, stage }) => stage === 'next' && seen.includes(id));
  const isRoll = prepared.length > 0 && prepared.length === seen.length;
  return isRoll ? rollTo(state, prepared, nowSeconds) : state;
}

function isInUse({ dnskey, zoneSigners, ds, dsAsked }: KeyRollState, id: string): boolean {
  return (
    versions(dnskey).some(({ keys }) => keys.includes(id)) ||
    [...versions(zoneSigners), ...versions(ds), ...dsAsked].some(ids => ids.includes(id))
  );
}
