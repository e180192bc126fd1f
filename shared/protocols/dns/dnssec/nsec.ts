import { concatBytes } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import type { Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { encodeTypeBitmap } from '../type-bitmap.ts';
import { canonicalName } from './canonical.ts';
import { typesShown, type ZoneNode } from './zone-nodes.ts';

/** One NSEC record a name that has records of this zone, each pointing to the next, the last to the apex: RFC 4034 §4. */
export function* nsecChain(apex: Name, nodes: Iterable<ZoneNode>, ttlSeconds: number): Generator<RRset> {
  let last: ZoneNode | undefined;
  for (const node of nodes) {
    if (node.standing === 'occluded') continue;
    if (last !== undefined) yield nsecRecord(last, node.owner, ttlSeconds);
    last = node;
  }
  if (last !== undefined) yield nsecRecord(last, apex, ttlSeconds);
}

/** The NSEC of a name: RFC 4034 §4.1. */
export function nsecRecord(node: ZoneNode, next: Name, ttlSeconds: number): RRset {
  // RFC 4035 §2.3: every NSEC shows itself and its signature.
  const bitmap = encodeTypeBitmap([...typesShown(node), TYPE.RRSIG, TYPE.NSEC]);
  // RFC 6840 §5.1 keeps the case of this name when signing, RFC 4034 §6.2 did not: in lower case it is the same for both.
  const data = concatBytes([canonicalName(next), bitmap]);
  return { owner: node.owner, type: TYPE.NSEC, ttlSeconds, data: [data] };
}
