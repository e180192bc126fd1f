import { endOfOwner } from '../dnssec/signed-zone.ts';
import { compareCanonical, type RRset, type Zone } from '../rrset.ts';
import { compareSets, isSameSet, recordKey } from './rrset-identity.ts';

/** The two versions of a file that was edited while the zone that it began was changed otherwise. */
export interface FileEdit {
  readonly before: Zone;
  readonly after: Zone;
}

/**
 * The content of a zone with the edits of its file: what the file has new is added, what it had before and has no more is gone, and what came
 * otherwise stays. `'name'`: each name whose records the file changed is as in the file, for where both together are no zone.
 */
export function mergeEdits(
  content: Zone,
  { before, after }: FileEdit,
  by: 'record' | 'name' = 'record',
): Zone {
  const rrsets: RRset[] = [];
  const walks = [content, before, after].map(zone => new Walk(zone.rrsets)) as [Walk, Walk, Walk];
  for (;;) {
    const owner = walks.reduce<RRset | undefined>(
      (first, walk) => earlier(first, walk.next),
      undefined,
    )?.owner;
    if (owner === undefined) break;
    const [current, old, edited] = walks.map(walk => walk.take(owner)) as [Node, Node, Node];
    if (isSameNode(old, edited)) rrsets.push(...current);
    else rrsets.push(...(by === 'name' ? edited : mergeNode(current, old, edited)));
  }
  return { apex: content.apex, rrsets };
}

type Node = readonly RRset[];

/** Goes along a zone, name by name. */
class Walk {
  readonly #rrsets: readonly RRset[];
  #at = 0;

  constructor(rrsets: readonly RRset[]) {
    this.#rrsets = rrsets;
  }

  get next(): RRset | undefined {
    return this.#rrsets[this.#at];
  }

  /** The RRsets of the name, which is none before the next. */
  take(owner: RRset['owner']): Node {
    const { next } = this;
    if (next === undefined || compareCanonical(next.owner, owner) !== 0) return [];
    const start = this.#at;
    this.#at = endOfOwner(this.#rrsets, start);
    return this.#rrsets.slice(start, this.#at);
  }
}

function earlier(first: RRset | undefined, other: RRset | undefined): RRset | undefined {
  if (first === undefined || other === undefined) return first ?? other;
  return compareCanonical(other.owner, first.owner) < 0 ? other : first;
}

function isSameNode(left: Node, right: Node): boolean {
  return left.length === right.length && left.every(rrset => isSameRRset(rrset, find(right, rrset)));
}

function isSameRRset(left: RRset, right: RRset | undefined): boolean {
  if (left.ttlSeconds !== right?.ttlSeconds || left.data.length !== right.data.length) return false;
  return lacking(left, right).length === 0;
}

function find(node: Node, rrset: RRset): RRset | undefined {
  return node.find(other => isSameSet(other, rrset));
}

/** The records of `rrset` that `other` has not. */
function lacking({ type, data }: RRset, other: RRset | undefined): Uint8Array[] {
  const there = new Set(other?.data.map(one => recordKey(type, one)));
  return data.filter(one => !there.has(recordKey(type, one)));
}

function mergeNode(current: Node, old: Node, edited: Node): RRset[] {
  const sets = [...edited, ...current.filter(rrset => find(edited, rrset) === undefined)];
  return sets
    .map(set => mergeSet(set, find(current, set), { old: find(old, set), edited: find(edited, set) }))
    .filter(({ data }) => data.length > 0)
    .sort(compareSets);
}

interface EditedSet {
  readonly old: RRset | undefined;
  readonly edited: RRset | undefined;
}

/** `set` is the edited RRset, or the current one where the file has none any more. */
function mergeSet(set: RRset, current: RRset | undefined, { old, edited }: EditedSet): RRset {
  if (current !== undefined && old !== undefined && edited !== undefined && isSameRRset(old, edited))
    return current;
  const gone = old === undefined ? undefined : { ...old, data: lacking(old, edited) };
  const kept = current === undefined ? [] : lacking(current, gone);
  const added = edited === undefined ? [] : lacking(edited, old);
  const others = lacking({ ...set, data: added }, { ...set, data: kept });
  return { ...set, data: [...kept, ...others] };
}
