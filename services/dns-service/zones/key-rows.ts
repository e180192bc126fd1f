import { formatMinute } from '../../../shared/components/times/format-minute.ts';
import { nextStep } from '../../../shared/protocols/dns/key-roll/next-step.ts';
import { phaseOf } from '../../../shared/protocols/dns/key-roll/phase.ts';
import type { KeyRollState, RollKey } from '../../../shared/protocols/dns/key-roll/state.ts';
import { parentRecords } from './parent-records.ts';
import type { ZoneKeeper } from './zone-keeper.ts';
import type { ParentLook } from './zone-signer.ts';

type Row = readonly [label: string, value: string];

const ROLES = { csk: 'for keys and all else (CSK)', ksk: 'for keys (KSK)', zsk: 'for all but keys (ZSK)' };
const STAGES = {
  next: 'to be rolled to next',
  current: 'in use',
  former: 'used no more, shown until the next roll',
  retiring: 'on its way out',
};

/** A zone's keys, what comes next for them, and what the parent has and shall have. Nothing for a zone that is not signed. */
export function keyRows(zone: ZoneKeeper): Row[] {
  const { signer } = zone;
  if (signer === undefined) return [];
  const { state } = signer.keys;
  return [
    ...state.keys.map((key): Row => [`Key ${key.id}`, describeKey(state, key)]),
    ['Next step', describeNext(state)],
    ...(signer.look === undefined ? [] : [['At the parent', describeLook(signer.look)] as const]),
    ...parentRecords(zone).map(({ line }): Row => ['DS record for the parent', line]),
  ];
}

function describeKey(state: KeyRollState, key: RollKey): string {
  const since = formatMinute(1000 * key.sinceSeconds);
  return `algorithm ${key.algorithm}, ${ROLES[key.role]}; ${STAGES[key.stage]} since ${since} (${phaseOf(state, key)})`;
}

function describeNext(state: KeyRollState): string {
  const next = nextStep(state);
  if (next === undefined) return 'none: all is as it shall be';
  if (next.atSeconds !== undefined) return `${next.words}: ${formatMinute(1000 * next.atSeconds)}`;
  const { parentPropagationSeconds, dsTtlSeconds } = state.times;
  const hours = Math.ceil((parentPropagationSeconds + dsTtlSeconds) / 3_600);
  return `${next.words}; it has to be there for ${hours} h before the roll goes on`;
}

function describeLook({ sight, atMs, foreignCount }: ParentLook): string {
  const when = `looked ${formatMinute(atMs)}`;
  if (sight.kind === 'fault') return `cannot be seen: ${sight.reason} (${when})`;
  const foreign = foreignCount === 0 ? '' : `, ${foreignCount} of them of keys that are not ours`;
  return `${sight.parent} has ${sight.ds.length} DS records${foreign} (${when})`;
}
