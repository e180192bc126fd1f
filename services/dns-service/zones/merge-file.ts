import { differenceOf } from '../../../shared/protocols/dns/changes/difference.ts';
import { mergeEdits, type FileEdit } from '../../../shared/protocols/dns/changes/merge-edits.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { checkZone } from '../../../shared/protocols/dns/zone-file/check-zone.ts';
import { FaultList } from '../../../shared/protocols/dns/zone-file/fault.ts';
import type { ChangedContent } from './journal.ts';
import { serialOf, withSerial } from './serial.ts';
import { ZoneError } from './zone-error.ts';
import { describeFaults } from './zone-files.ts';

export interface MergedFile {
  /** That the content began with. */
  readonly file: Zone;
  readonly content: Zone;
}

/**
 * Both the file and what was changed beside it: edits of the file take effect, and changes stay. `changed` is undefined where there were
 * none; where the file was not edited, what it has is given back. @throws ZoneError where both cannot be together.
 */
export function mergeFile(file: Zone, changed: ChangedContent | undefined): MergedFile {
  if (changed === undefined) return { file, content: file };
  const { removed, added } = differenceOf(changed.began, file);
  if (removed.length + added.length === 0) return { file: changed.began, content: changed.content };
  return { file, content: withSerial(merge(changed, file), serialOf(file)) };
}

function merge({ began, content }: ChangedContent, file: Zone): Zone {
  // The serial is no content: every version has another.
  const same = (zone: Zone): Zone => withSerial(zone, 0);
  const edit: FileEdit = { before: same(began), after: same(file) };
  const merged = mergeEdits(same(content), edit);
  if (faultsOf(merged).errorCount === 0) return merged;
  const byName = mergeEdits(same(content), edit, 'name');
  const faults = faultsOf(byName);
  if (faults.errorCount === 0) return byName;
  throw new ZoneError(
    `the file of the zone was edited and does not fit its records that came otherwise:${describeFaults(faults)}`,
  );
}

function faultsOf(zone: Zone): FaultList {
  const faults = new FaultList();
  checkZone({ zone, places: [] }, faults);
  return faults;
}
