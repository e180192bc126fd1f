import { nextStep } from '../../../shared/protocols/dns/key-roll/next-step.ts';
import { phaseOf } from '../../../shared/protocols/dns/key-roll/phase.ts';
import type { KeyRole, KeyRollState } from '../../../shared/protocols/dns/key-roll/state.ts';
import { err, ok, type Result } from '../../../shared/base/result.ts';
import type { ZoneKeeper } from '../zones/zone-keeper.ts';

export interface RollingZone extends Pick<ZoneKeeper, 'roll'> {
  readonly configuration: Pick<ZoneKeeper['configuration'], 'name'>;
  readonly signer: { readonly keys: { readonly state: KeyRollState } } | undefined;
}

/** Begins the roll of the key of that role; the value is what comes next, in words. @throws as ZoneKeeper.roll. */
export async function rollKeys(zone: RollingZone, role: KeyRole): Promise<Result<string, string>> {
  const { name } = zone.configuration;
  if (zone.signer === undefined) return err(`${name} is not signed here: it has no keys`);
  const hindrance = whyNotRolled(zone.signer.keys.state, role);
  if (hindrance !== undefined) return err(`${name}: ${hindrance}`);
  await zone.roll([role]);
  return ok(nextStep(zone.signer.keys.state)?.words ?? 'nothing is left to do');
}

/** A second roll on top of one under way is a slip: it would throw away the key that the parent was just asked for. */
function whyNotRolled(state: KeyRollState, role: KeyRole): string | undefined {
  const ofRole = state.keys.filter(key => key.role === role);
  const current = ofRole.find(({ stage }) => stage === 'current');
  if (current === undefined) {
    const roles = state.keys.filter(({ stage }) => stage === 'current').map(key => key.role);
    return `there is no ${role.toUpperCase()}; what is in use: ${roles.join(', ').toUpperCase() || 'nothing'}`;
  }
  const isAtParent = role !== 'zsk' && state.dsAsked.length > 0 && state.ds.now.length > 0;
  if (isAtParent || phaseOf(state, current) !== 'active')
    return `a roll is under way: ${nextStep(state)?.words ?? 'wait until it is over'}`;
  return ofRole.some(({ stage }) => stage === 'next')
    ? undefined
    : 'the next key is not there yet; it is made within ten minutes';
}
