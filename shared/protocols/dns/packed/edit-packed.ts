import { equalNames, type Name } from '../name.ts';
import { compareCanonical, type RRset, type Zone } from '../rrset.ts';
import type { RRsetList } from '../rrset-list.ts';
import { PackedRRsets } from './packed-rrsets.ts';
import { packRRsets, RRsetPacker } from './rrset-packer.ts';

/** What stands at an owner. */
export interface OwnedRRsets<T extends RRset = RRset> {
  readonly owner: Name;
  readonly rrsets: readonly T[];
}

/** The content of a zone packed, if it was not. */
export function packedOf({ apex, rrsets }: Zone): PackedRRsets {
  return rrsets instanceof PackedRRsets ? rrsets : packRRsets({ apex, isSigned: false }, rrsets);
}

/** The list with other RRsets at some owners, which come in canonical order. Chunks without them are shared with the list before. */
export function replaceNodes<T extends RRset>(
  packed: PackedRRsets<T>,
  nodes: readonly OwnedRRsets<T>[],
): PackedRRsets<T> {
  const { apex, isSigned } = packed.form;
  const packer = new RRsetPacker<T>({ apex, isSigned });
  let chunk = 0;
  for (let at = 0; at < nodes.length;) {
    const touched = packed.chunkOf((nodes[at] as OwnedRRsets).owner);
    for (; chunk < touched; chunk++) packer.addChunk(packed, chunk);
    const end = touched + 1 < packed.chunkCount ? packed.firstOwner(touched + 1) : undefined;
    const start = at;
    const isWithin = ({ owner }: OwnedRRsets): boolean =>
      end === undefined || compareCanonical(owner, end) < 0;
    while (at < nodes.length && isWithin(nodes[at] as OwnedRRsets)) at++;
    for (const rrset of replaced(packed.chunkRRsets(touched), nodes.slice(start, at))) packer.add(rrset);
    chunk = touched + 1;
  }
  for (; chunk < packed.chunkCount; chunk++) packer.addChunk(packed, chunk);
  return packer.finish();
}

function* replaced<T extends RRset>(rrsets: readonly T[], nodes: readonly OwnedRRsets<T>[]): Generator<T> {
  let at = 0;
  for (const node of nodes) {
    const order = (): number => compareCanonical((rrsets[at] as T).owner, node.owner);
    while (at < rrsets.length && order() < 0) yield rrsets[at++] as T;
    while (at < rrsets.length && equalNames((rrsets[at] as T).owner, node.owner)) at++;
    yield* node.rrsets;
  }
  yield* rrsets.slice(at);
}

/** What each of two lists has in chunks that are not the other's as well: all in which they differ. */
export function withoutShared(
  left: RRsetList,
  right: RRsetList,
): readonly [Iterable<RRset>, Iterable<RRset>] {
  if (!(left instanceof PackedRRsets && right instanceof PackedRRsets)) return [left, right];
  return [outside(left, right), outside(right, left)];
}

function* outside(list: PackedRRsets, other: PackedRRsets): Generator<RRset> {
  const known = new Map<SharedArrayBuffer, Set<number>>();
  for (const { buffer, offset } of places(other)) {
    const offsets = known.get(buffer) ?? new Set();
    known.set(buffer, offsets.add(offset));
  }
  for (const { chunk, buffer, offset } of places(list))
    if (known.get(buffer)?.has(offset) !== true) yield* list.chunkRRsets(chunk);
}

function* places(
  list: PackedRRsets,
): Generator<{ readonly chunk: number; readonly buffer: SharedArrayBuffer; readonly offset: number }> {
  for (let chunk = 0; chunk < list.chunkCount; chunk++) {
    const { slab, offset } = list.chunkBytes(chunk);
    yield { chunk, buffer: list.form.slabs[slab] as SharedArrayBuffer, offset };
  }
}
