import { assert } from '../../../base/assert.ts';
import { makeMoves, isSame } from './moves.ts';
import {
  expire,
  nextExpiry,
  replace,
  versions,
  type KeyRollState,
  type RollKey,
  type RollTimes,
} from './state.ts';

export type KeyRollEvent =
  /** New keys are there: the first ones, or those that take the place of others. With another algorithm, all of them. */
  | { readonly type: 'roll'; readonly keys: readonly Pick<RollKey, 'id' | 'algorithm' | 'role'>[] }
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
  const forgotten = moved.keys.filter(key => key.retiring && !isInUse(moved, key.id));
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
    case 'roll':
      return addKeys(state, event.keys, nowSeconds);
    case 'ds-seen':
      return seeDs(state, event.keys, nowSeconds);
    case 'leave':
      return { ...state, keys: state.keys.map(key => ({ ...key, retiring: true })) };
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

/** A key retires when others have come for all that it does. */
function addKeys(
  state: KeyRollState,
  added: readonly Pick<RollKey, 'id' | 'algorithm' | 'role'>[],
  nowSeconds: number,
): KeyRollState {
  const taken = new Set(added.flatMap(({ role }) => DUTIES[role]));
  const old = state.keys.map(key =>
    DUTIES[key.role].every(duty => taken.has(duty)) ? { ...key, retiring: true } : key,
  );
  const keys = [...old, ...added.map(key => ({ ...key, sinceSeconds: nowSeconds, retiring: false }))];
  const staying = keys.filter(key => !key.retiring);
  assert(new Set(keys.map(({ id }) => id)).size === keys.length, 'no two keys have one id');
  assert(
    new Set(staying.map(({ algorithm }) => algorithm)).size === 1,
    'the keys that stay are of one algorithm',
  );
  assert(
    new Set(staying.flatMap(({ role }) => DUTIES[role])).size === 2,
    'there are a KSK and a ZSK, or a CSK',
  );
  return { ...state, keys };
}

/** What the parent had, and what it was asked for before this, may be in caches for TTLds yet. */
function seeDs(state: KeyRollState, seen: readonly string[], nowSeconds: number): KeyRollState {
  const { times, dsAsked } = state;
  const index = dsAsked.findLastIndex(asked => isSame(asked, seen));
  if (index < 0 && isSame(state.ds.now, seen)) return state;
  const untilSeconds = nowSeconds + times.parentPropagationSeconds + times.dsTtlSeconds;
  let ds = state.ds;
  for (const value of [...dsAsked.slice(0, Math.max(index, 0)), seen]) ds = replace(ds, value, untilSeconds);
  return { ...state, ds, dsAsked: dsAsked.slice(index + 1) };
}

function isInUse({ dnskey, zoneSigners, ds, dsAsked }: KeyRollState, id: string): boolean {
  return (
    versions(dnskey).some(({ keys }) => keys.includes(id)) ||
    [...versions(zoneSigners), ...versions(ds), ...dsAsked].some(ids => ids.includes(id))
  );
}
