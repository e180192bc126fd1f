import { TYPE } from '../../message.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import type { RRset } from '../../rrset.ts';
import { canonicalKey } from '../canonical-key.ts';
import type { Rule } from './rule.ts';
import { targetsOf } from './targets.ts';
import { nameOf, rrsetAt, type ZoneView } from './zone-view.ts';

/** RFC 4035 §2.4 and RFC 4034: what belongs to the zone at the upper side of a cut. */
const AT_CUT: ReadonlySet<number> = new Set([TYPE.NS, TYPE.DS, TYPE.NSEC, TYPE.RRSIG]);

/** The names that need or may have glue: the targets of all delegations of the zone. */
export function glueKeys(zone: ZoneView): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const node of zone.nodes)
    if (node.hiddenBy === undefined && zone.isCut(node))
      for (const target of targetsOf(node, TYPE.NS)) keys.add(canonicalKey(target));
  return keys;
}

/** Records at or below a cut that are no glue are never in an answer. `glue`: {@link glueKeys} */
export function hiddenRecordsAreGlue(glue: ReadonlySet<string>): Rule {
  return (node, zone, report) => {
    const cut = node.hiddenBy ?? node;
    if (!zone.isCut(cut)) return;
    for (const { type } of node.rrsets) {
      const isAddress = type === TYPE.A || type === TYPE.AAAA;
      if ((node === cut && AT_CUT.has(type)) || (isAddress && glue.has(node.key))) continue;
      report.warn(
        node,
        type,
        'RFC 2136 §7.18',
        `${formatType(type)} at ${nameOf(node)} is hidden by the delegation of ${nameOf(cut)}, and is no address of its servers`,
      );
    }
  };
}

/** IANA's "Digest Algorithms" of DS records. */
const DS_DIGESTS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6]);

export const dsStandsAtCut: Rule = (node, zone, report) => {
  const ds = rrsetAt(node, TYPE.DS);
  if (ds === undefined) return;
  const name = nameOf(node);
  if (zone.isApex(node))
    // RFC 4035 §2.4: a DS RRset must not appear at a zone's apex.
    report.error(
      node,
      TYPE.DS,
      'RFC 4035 §2.4',
      `${name} is the zone itself; its DS stands in the zone above`,
    );
  else if (!zone.isCut(node))
    report.error(node, TYPE.DS, 'RFC 4035 §2.4', `${name} has a DS but no NS; a DS belongs to a delegation`);
  for (const digestType of digestTypes(ds))
    if (!DS_DIGESTS.has(digestType))
      report.error(
        node,
        TYPE.DS,
        'RFC 4034 §5.1.3',
        `a DS of ${name} has the unknown digest type ${digestType}`,
      );
};

function digestTypes(ds: RRset): number[] {
  return ds.data.map(data => data[3] ?? 0);
}
