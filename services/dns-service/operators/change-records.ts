import { err, ok, type Result } from '../../../shared/base/result.ts';
import { differenceOf } from '../../../shared/protocols/dns/changes/difference.ts';
import { applyEdit } from '../../../shared/protocols/dns/update/apply-edit.ts';
import { readEdit, type WrittenEdit } from '../../../shared/protocols/dns/update/written-edit.ts';
import type { Edited, KeptZone } from '../zones/kept-zone.ts';

/** Why an operator cannot change the records of a zone; undefined: they can. */
export function whyNotChanged({ configuration, content }: KeptZone): string | undefined {
  if (configuration.primaries.length > 0)
    return `${configuration.name} is fetched from ${configuration.primaries[0]?.address}: change it there`;
  return content.rrsets.length === 0 ? `${configuration.name} has no content yet` : undefined;
}

/** Makes the edit, checked as a zone file is; the value says whether anything is otherwise now. @throws as KeptZone.change. */
export async function changeRecords(zone: KeptZone, written: WrittenEdit): Promise<Result<boolean, string>> {
  const hindrance = whyNotChanged(zone);
  if (hindrance !== undefined) return err(hindrance);
  const edit = readEdit(written, zone.apex);
  if (!edit.ok) return edit;
  return zone.change((content): Edited<Result<boolean, string>> => {
    const next = applyEdit(content, edit.value);
    if (!next.ok) return { next: undefined, result: next };
    const { removed, added } = differenceOf(content, next.value);
    const isChanged = removed.length + added.length > 0;
    return { next: isChanged ? next.value : undefined, result: ok(isChanged) };
  });
}
