import { equalBytes } from '../../../base/bytes.ts';
import type { ZoneDifference } from '../changes/difference.ts';
import { equalNames } from '../name.ts';
import type { Zone } from '../rrset.ts';
import type { ZoneRecord } from '../zone-file/record-entry.ts';

/** What a transfer came to. */
export type Transferred =
  /** RFC 1995 §2: the primary has nothing newer. */
  | { readonly kind: 'current' }
  | { readonly kind: 'whole'; readonly zone: Zone }
  | { readonly kind: 'differences'; readonly differences: readonly ZoneDifference[] };

/** Whether both say the same of the zone. */
export function isSameSoa(left: ZoneRecord, right: ZoneRecord): boolean {
  return equalNames(left.owner, right.owner) && equalBytes(left.data, right.data);
}
