import { packZone } from '../packed/rrset-packer.ts';
import type { RRset, Zone } from '../rrset.ts';
import { firstOwner, NodeWalk } from './node-walk.ts';
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
  return packZone(content.apex, mergedRRsets([content, before, after], by));
}

function* mergedRRsets(zones: readonly Zone[], by: 'record' | 'name'): Generator<RRset> {
  const walks = zones.map(({ rrsets }) => new NodeWalk(rrsets));
  for (let owner = firstOwner(walks); owner !== undefined; owner = firstOwner(walks)) {
    const name = owner;
    const [current, old, edited] = walks.map(walk => walk.take(name)) as [Node, Node, Node];
    if (isSameNode(old, edited)) yield* current;
    else yield* by === 'name' ? edited : mergeNode(current, old, edited);
  }
}

type Node = readonly RRset[];

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
