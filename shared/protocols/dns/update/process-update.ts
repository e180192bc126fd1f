import { differenceOf } from '../changes/difference.ts';
import { ZoneDraft } from '../changes/zone-draft.ts';
import { CLASS_ANY, CLASS_IN, CLASS_NONE, RCODE, TYPE } from '../message.ts';
import { isAtOrBelow, type Name } from '../name.ts';
import type { Zone } from '../rrset.ts';
import { applyUpdates } from './apply-updates.ts';
import type { UpdateRecord, UpdateRequest } from './decode-update.ts';
import { checkPrerequisites } from './prerequisites.ts';

export interface ProcessedUpdate {
  /** undefined: nothing is to be changed. */
  readonly next: Zone | undefined;
  /** The rcode of the answer. */
  readonly result: number;
}

/** RFC 2136 §3: conditions, permission, form, then the changes; all of them or none. */
export function processUpdate(
  content: Zone,
  { prerequisites, updates }: UpdateRequest,
  mayChange: (owner: Name, type: number) => boolean,
): ProcessedUpdate {
  const draft = new ZoneDraft(content);
  const rcode =
    checkPrerequisites(draft, prerequisites) ||
    prescan(draft, updates) ||
    (isPermitted(draft, updates, mayChange) ? RCODE.NOERROR : RCODE.REFUSED);
  if (rcode !== RCODE.NOERROR) return { next: undefined, result: rcode };
  applyUpdates(draft, updates);
  const next = draft.finish();
  const { removed, added } = differenceOf(content, next);
  const isChanged = removed.length > 0 || added.length > 0;
  return { next: isChanged ? next : undefined, result: RCODE.NOERROR };
}

/** RFC 2136 §3.4.1. */
function prescan({ apex }: ZoneDraft, updates: readonly UpdateRecord[]): number {
  for (const { owner, type, class: recordClass, ttlSeconds } of updates) {
    if (!isAtOrBelow(owner, apex)) return RCODE.NOTZONE;
    if (recordClass !== CLASS_IN && ttlSeconds !== 0) return RCODE.FORMERR;
    if (recordClass === CLASS_NONE && type === TYPE.ANY) return RCODE.FORMERR;
  }
  return RCODE.NOERROR;
}

/** RFC 2136 §3.3. To remove every RRset of a name takes leave for each that is there. */
function isPermitted(
  draft: ZoneDraft,
  updates: readonly UpdateRecord[],
  mayChange: (owner: Name, type: number) => boolean,
): boolean {
  return updates.every(({ owner, type, class: recordClass }) =>
    recordClass === CLASS_ANY && type === TYPE.ANY
      ? draft.at(owner).every(rrset => mayChange(owner, rrset.type))
      : mayChange(owner, type),
  );
}
