import type { SignedRRset } from '../dnssec/signed-zone.ts';
import { zoneNodes, type ZoneNode } from '../dnssec/zone-nodes.ts';
import { TYPE } from '../message.ts';
import { isAtOrBelow, type Name } from '../name.ts';
import type { RRset, Zone } from '../rrset.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';

/** A name that is answered for: one with records of the zone's own, a cut, or an empty non-terminal. */
export interface ArrangedNode {
  readonly name: Name;
  readonly rrsets: readonly RRset[];
  readonly cut: boolean;
  readonly alias: boolean;
}

export interface ArrangedZone {
  /** In canonical order, the apex first; every node's parent is a node. */
  readonly nodes: readonly ArrangedNode[];
  /** The RRsets of each name at or below a cut, by {@link canonicalKey}: no answers, but addresses of name servers. */
  readonly glue: ReadonlyMap<string, readonly RRset[]>;
  /** RFC 5155 §7.2.8: owners of NSEC3 are names of no node; asked for, they do not exist. */
  readonly hashed: readonly RRset[];
}

/** The signatures of an RRset of a signed zone; none of one that is not. */
export function signaturesOf(rrset: RRset): readonly Uint8Array[] {
  return 'signatures' in rrset ? (rrset as SignedRRset).signatures : [];
}

/** Parts what is answered from what lies below cuts and DNAMEs. The zone has an SOA at its apex and all owners in it. */
export function arrangeZone(zone: Zone): ArrangedZone {
  const nodes: ArrangedNode[] = [];
  const glue = new Map<string, readonly RRset[]>();
  const hashed: RRset[] = [];
  let cut: ArrangedNode | undefined;
  for (const node of zoneNodes(zone)) {
    const { owner, rrsets, standing } = node;
    // First: with a DNAME at the apex, the hashed names are the only ones below it.
    const nsec3 = rrsets.find(({ type }) => type === TYPE.NSEC3);
    if (nsec3 !== undefined) hashed.push(nsec3);
    else if (standing !== 'occluded') {
      addEmptyNonTerminals(nodes, owner, zone.apex.length);
      const arranged = arrangeNode(node);
      nodes.push(arranged);
      if (arranged.cut) glue.set(canonicalKey(owner), rrsets);
      if (arranged.cut) cut = arranged;
    } else if (cut !== undefined && isAtOrBelow(owner, cut.name)) glue.set(canonicalKey(owner), rrsets);
  }
  return { nodes, glue, hashed };
}

function arrangeNode({ owner, rrsets, standing }: ZoneNode): ArrangedNode {
  const cut = standing === 'cut';
  // RFC 2181 §6.1, RFC 4035 §2.6: of a cut only its servers, its DS and the proof of what it has are the parent's.
  const kept = cut ? rrsets.filter(({ type }) => AT_CUT.has(type)) : rrsets;
  return {
    name: owner,
    rrsets: kept,
    cut,
    alias: !cut && rrsets.some(({ type }) => type === TYPE.DNAME),
  };
}

const AT_CUT: ReadonlySet<number> = new Set([TYPE.NS, TYPE.DS, TYPE.NSEC]);

/** RFC 4592 §2.2.2: names without records exist where names below them do. */
function addEmptyNonTerminals(nodes: ArrangedNode[], owner: Name, apexLabels: number): void {
  const before = nodes.at(-1)?.name;
  for (let labels = apexLabels + 1; labels < owner.length; labels++) {
    const name = owner.slice(owner.length - labels);
    if (before !== undefined && isAtOrBelow(before, name)) continue;
    nodes.push({ name, rrsets: [], cut: false, alias: false });
  }
}
