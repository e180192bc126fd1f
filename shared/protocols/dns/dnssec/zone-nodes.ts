import { TYPE } from '../message.ts';
import { isAtOrBelow, type Name } from '../name.ts';
import { byOwner } from '../rrset-list.ts';
import type { RRset } from '../rrset.ts';

/**
 * What a zone is to a name in it: its authority; the parent of a cut, where only NS and DS are the zone's (RFC 4035 §2.2); or nothing,
 * for names below a cut (glue and what is hidden by it) or below a DNAME (RFC 6672 §2.4).
 */
export type Standing = 'authoritative' | 'cut' | 'occluded';

export interface ZoneNode {
  readonly owner: Name;
  readonly standing: Standing;
  readonly rrsets: readonly RRset[];
}

/** The names of a zone that have records, in canonical order. */
export function* zoneNodes(apex: Name, rrsets: Iterable<RRset>): Generator<ZoneNode> {
  // In canonical order all that stands below a name comes right behind it, so the last cover seen is the one that counts.
  let cover: Name | undefined;
  for (const node of byOwner(rrsets)) {
    const { owner } = node[0] as RRset;
    if (cover !== undefined && isAtOrBelow(owner, cover)) {
      yield { owner, standing: 'occluded', rrsets: node };
      continue;
    }
    // RFC 2181 §6: NS at the apex is the zone's own; anywhere else it begins another zone.
    const isCut = owner.length > apex.length && has(node, TYPE.NS);
    if (isCut || has(node, TYPE.DNAME)) cover = owner;
    yield { owner, standing: isCut ? 'cut' : 'authoritative', rrsets: node };
  }
}

function has(rrsets: readonly RRset[], type: number): boolean {
  return rrsets.some(rrset => rrset.type === type);
}

/** Whether the zone is the authority for such an RRset of such a name, and so signs it: RFC 4035 §2.2. */
export function isSigned(standing: Standing, type: number): boolean {
  return standing === 'authoritative' || (standing === 'cut' && type === TYPE.DS);
}

/** The types that stand in the bit map of a name's NSEC or NSEC3, beside those of the proof itself: RFC 4035 §2.3. */
export function typesShown({ standing, rrsets }: ZoneNode): number[] {
  const types = rrsets.map(({ type }) => type);
  return standing === 'cut' ? types.filter(type => type === TYPE.NS || type === TYPE.DS) : types;
}

/**
 * The names that a proof speaks of, in canonical order: all but the occluded ones, and before the first name below it each empty
 * non-terminal (RFC 4592 §2.2.2), a name that exists without records.
 */
export function* withEmptyNonTerminals(apex: Name, nodes: Iterable<ZoneNode>): Generator<ZoneNode> {
  let previous: Name = apex;
  for (const node of nodes) {
    if (node.standing === 'occluded') continue;
    const empty: Name[] = [];
    // In canonical order all that is below a name stands together, so the name before tells for all of them.
    for (let above = node.owner.slice(1); above.length > apex.length; above = above.slice(1)) {
      if (isAtOrBelow(previous, above)) break;
      empty.unshift(above);
    }
    for (const owner of empty) yield { owner, standing: 'authoritative', rrsets: [] };
    yield node;
    previous = node.owner;
  }
}
