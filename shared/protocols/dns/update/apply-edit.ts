import { err, ok, type Result } from '../../../base/result.ts';
import { ZoneDraft } from '../changes/zone-draft.ts';
import type { Zone } from '../rrset.ts';
import { checkZone } from '../zone-file/check-zone.ts';
import { FaultList } from '../zone-file/fault.ts';
import { applyUpdates } from './apply-updates.ts';
import { updatesOf, whatIsOtherwise, type RecordEdit } from './record-edit.ts';

/** The zone with the edit's updates applied, where it was made and leaves a zone that could be served; else why not. */
export function applyEdit(before: Zone, edit: RecordEdit): Result<Zone, string> {
  const draft = new ZoneDraft(before);
  const there = draft.at(edit.owner).find(({ type }) => type === edit.type)?.data ?? [];
  const updates = updatesOf(edit, before.apex, there);
  applyUpdates(
    draft,
    updates.map(({ name, ...update }) => ({ owner: name, ...update })),
  );
  const fault = whatIsOtherwise(edit, draft.at(edit.owner));
  if (fault !== undefined) return err(fault);
  const next = draft.finish();
  const faults = new FaultList();
  checkZone({ zone: next, places: [] }, faults);
  const [wrong] = faults.errors;
  return wrong === undefined ? ok(next) : err(`${wrong.message} (${wrong.rule})`);
}
