import { isAlwaysValid } from './chain.ts';
import { movesLeft, type Move, type MoveKind } from './moves.ts';
import { expire, type KeyRollState } from './state.ts';

interface EarliestMove {
  readonly move: Move;
  readonly atSeconds: number;
}

/** The change that comes next by the passing of time alone. */
function earliestMove(state: KeyRollState): EarliestMove | undefined {
  const ends = [state.dnskey, state.zoneSigners, state.ds].flatMap(({ past }) =>
    past.map(({ untilSeconds }) => untilSeconds),
  );
  for (const atSeconds of ends.toSorted((left, right) => left - right)) {
    const move = movesLeft(expire(state, atSeconds), atSeconds).find(({ after }) => isAlwaysValid(after));
    if (move !== undefined) return { move, atSeconds };
  }
  return undefined;
}

/** What comes next, for people. `atSeconds` is absent while it is the parent's turn. */
export interface NextStep {
  readonly words: string;
  readonly atSeconds?: number;
}

const WORDS: Readonly<Record<MoveKind, string>> = {
  'sign-beside': 'sign the zone with the new algorithm, too',
  publish: 'show the new key in the DNSKEY records',
  sign: 'sign the zone with the new key alone',
  'ask-parent': 'ask the parent for the DS record of the new key',
  'sign-keys': 'sign the DNSKEY records without the former key',
  withdraw: 'take the old key out of the DNSKEY records',
};

/** The next step of the rolls, or undefined where nothing is left to do. */
export function nextStep(state: KeyRollState): NextStep | undefined {
  const earliest = earliestMove(state);
  if (earliest !== undefined)
    return {
      words: `wait until all caches can follow, then ${WORDS[earliest.move.kind]}`,
      atSeconds: earliest.atSeconds,
    };
  const asked = state.dsAsked.at(-1);
  if (asked === undefined) return undefined;
  return {
    words:
      asked.length === 0
        ? 'waiting for the parent to remove the DS records'
        : `waiting for the DS of ${asked.join(' and ')} at the parent`,
  };
}
