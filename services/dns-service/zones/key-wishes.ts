import { rollsDue, type KeyLifetimes } from '../../../shared/protocols/dns/key-roll/lifetimes.ts';
import type { KeyRole, KeyRollState } from '../../../shared/protocols/dns/key-roll/state.ts';
import type { KeyRollEvent, NewKey } from '../../../shared/protocols/dns/key-roll/step.ts';
import type { ZoneConfiguration } from '../config.ts';
import type { SigningAlgorithm } from './signing-key.ts';

/** What the configuration wants a zone's keys to be. */
export interface KeyWishes {
  readonly sign: boolean;
  readonly algorithm: SigningAlgorithm;
  readonly roles: readonly KeyRole[];
  readonly lifetimes: KeyLifetimes;
}

const DAY_SECONDS = 86_400;

export function keyWishes(zone: ZoneConfiguration): KeyWishes {
  const { sign, algorithm, keys, parent } = zone;
  const zsk = zone['zsk-days'] * DAY_SECONDS;
  const atParent = zone['ksk-days'] * DAY_SECONDS;
  // Where people change the DS records, no roll begins that would wait for them.
  const lifetimes = parent === 'reads-cds' ? { zsk, ksk: atParent, csk: atParent } : { zsk };
  return { sign, algorithm, roles: keys === 'csk' ? ['csk'] : ['ksk', 'zsk'], lifetimes };
}

/** What has to be done next for keys as wished, or undefined. `make` gives a key that was never used. */
export function wishedEvent(
  state: KeyRollState,
  { sign, algorithm, roles, lifetimes }: KeyWishes,
  nowSeconds: number,
  make: (role: KeyRole) => NewKey,
): KeyRollEvent | undefined {
  if (!sign) return state.keys.some(({ stage }) => stage !== 'retiring') ? { type: 'leave' } : undefined;
  const current = state.keys.filter(({ stage }) => stage === 'current');
  const isAsWished =
    current.length === roles.length &&
    current.every(key => roles.includes(key.role) && key.algorithm === algorithm);
  if (!isAsWished) return { type: 'roll', keys: roles.map(make) };
  const lacking = roles.filter(role => preparedKey(state, role) === undefined);
  if (lacking.length > 0) return { type: 'prepare', keys: lacking.map(make) };
  return rollTo(state, rollsDue(state, lifetimes, nowSeconds));
}

/** The roll to the prepared keys of these roles; undefined where there are none. */
export function rollTo(state: KeyRollState, roles: readonly KeyRole[]): KeyRollEvent | undefined {
  const keys = roles.flatMap(role => preparedKey(state, role) ?? []);
  return keys.length === 0 ? undefined : { type: 'roll', keys };
}

function preparedKey({ keys }: KeyRollState, role: KeyRole): NewKey | undefined {
  const found = keys.find(key => key.role === role && key.stage === 'next');
  return found && { id: found.id, algorithm: found.algorithm, role };
}
