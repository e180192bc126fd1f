import type { KeyRole, KeyRollState } from './state.ts';

/** How long a key of each role stays, in seconds; one that is not named stays until it is told to go. */
export type KeyLifetimes = Readonly<Partial<Record<KeyRole, number>>>;

/** The roles whose keys are to be replaced now. While a roll is on its way no other begins: one thing at a time is easier to follow. */
export function rollsDue(
  { keys }: Pick<KeyRollState, 'keys'>,
  lifetimes: KeyLifetimes,
  nowSeconds: number,
): KeyRole[] {
  if (keys.some(({ stage }) => stage === 'retiring')) return [];
  return keys
    .filter(({ stage }) => stage === 'current')
    .filter(({ role, sinceSeconds }) => nowSeconds - sinceSeconds >= (lifetimes[role] ?? Infinity))
    .map(({ role }) => role);
}
