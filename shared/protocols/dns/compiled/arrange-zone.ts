import type { SignedRRset } from '../dnssec/signed-zone.ts';
import type { ZoneNode } from '../dnssec/zone-nodes.ts';
import { TYPE } from '../message.ts';
import { isAtOrBelow, type Name } from '../name.ts';
import type { RRset } from '../rrset.ts';

/** A name that is answered for: one with records of the zone's own, a cut, or an empty non-terminal. */
export interface ArrangedNode {
  readonly name: Name;
  readonly rrsets: readonly RRset[];
  readonly cut: boolean;
  readonly alias: boolean;
}

/** Takes what is no node. */
export interface Beside {
  /** The RRsets of a name at or below a cut: no answers, but addresses of name servers. */
  glue(owner: Name, rrsets: readonly RRset[]): void;
  /** RFC 5155 §7.2.8: owners of NSEC3 are names of no node; asked for, they do not exist. */
  hashed(nsec3: RRset): void;
}

/** The signatures of an RRset of a signed zone; none of one that is not. */
export function signaturesOf(rrset: RRset): readonly Uint8Array[] {
  return 'signatures' in rrset ? (rrset as SignedRRset).signatures : [];
}

/**
 * Parts what is answered from what lies below cuts and DNAMEs. The nodes come in canonical order, the apex first; every node's parent is a
 * node. The zone has an SOA at its apex and all owners in it.
 */
export function* arrangeZone(apex: Name, nodes: Iterable<ZoneNode>, beside: Beside): Generator<ArrangedNode> {
  let before: Name | undefined;
  let cut: Name | undefined;
  for (const node of nodes) {
    const { owner, rrsets, standing } = node;
    // First: with a DNAME at the apex, the hashed names are the only ones below it.
    const nsec3 = rrsets.find(({ type }) => type === TYPE.NSEC3);
    if (nsec3 !== undefined) beside.hashed(nsec3);
    else if (standing !== 'occluded') {
      yield* emptyNonTerminals(before, owner, apex.length);
      yield arrangeNode(node);
      before = owner;
      if (standing === 'cut') beside.glue(owner, rrsets);
      if (standing === 'cut') cut = owner;
    } else if (cut !== undefined && isAtOrBelow(owner, cut)) beside.glue(owner, rrsets);
  }
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
function* emptyNonTerminals(
  before: Name | undefined,
  owner: Name,
  apexLabels: number,
): Generator<ArrangedNode> {
  for (let labels = apexLabels + 1; labels < owner.length; labels++) {
    const name = owner.slice(owner.length - labels);
    if (before === undefined || !isAtOrBelow(before, name))
      yield { name, rrsets: [], cut: false, alias: false };
  }
}
