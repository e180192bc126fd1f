import { createHash } from 'node:crypto';
import { concatBytes, encodeUtf8 } from '../../../base/bytes.ts';
import { formatBase32hex } from '../base32hex.ts';
import { TYPE } from '../message.ts';
import type { Name } from '../name.ts';
import { compareBytes, type RRset } from '../rrset.ts';
import { encodeTypeBitmap } from '../type-bitmap.ts';
import { canonicalName } from './canonical.ts';
import { isSigned, typesShown, withEmptyNonTerminals, type ZoneNode } from './zone-nodes.ts';

const SHA1 = 1;
const HASH_BYTES = 20;

/** RFC 9276 §3.1: no extra iterations and no salt; they cost resolvers and servers and hide nothing. */
const PARAMETERS = Uint8Array.of(SHA1, 0, 0, 0, 0);

/** RFC 5155 §4: tells the servers of the zone how its names are hashed. */
export function nsec3Parameters(apex: Name): RRset {
  // Only servers read it, and they have the zone: no cache needs it.
  return { owner: apex, type: TYPE.NSEC3PARAM, ttlSeconds: 0, data: [PARAMETERS] };
}

/** RFC 5155 §5. */
export function hashName(name: Name, iterations: number, salt: Uint8Array): Uint8Array<ArrayBuffer> {
  let hash = createHash('sha1').update(canonicalName(name)).update(salt).digest();
  for (let left = iterations; left > 0; left--) hash = createHash('sha1').update(hash).update(salt).digest();
  return hash;
}

interface HashedName {
  readonly hash: Uint8Array;
  readonly bitmap: Uint8Array;
}

/** One NSEC3 record a name of this zone and each empty one above it, in the order of their hashes: RFC 5155 §7.1. */
export function* nsec3Chain(apex: Name, nodes: Iterable<ZoneNode>, ttlSeconds: number): Generator<RRset> {
  const chain = hashNodes(apex, nodes).sort((left, right) => compareBytes(left.hash, right.hash));
  for (const [at, { hash, bitmap }] of chain.entries()) {
    const next = (chain[(at + 1) % chain.length] as HashedName).hash;
    yield {
      owner: [encodeUtf8(formatBase32hex(hash)), ...apex],
      type: TYPE.NSEC3,
      ttlSeconds,
      data: [concatBytes([PARAMETERS, Uint8Array.of(HASH_BYTES), next, bitmap])],
    };
  }
}

const NO_SALT = new Uint8Array();

function hashNodes(apex: Name, nodes: Iterable<ZoneNode>): HashedName[] {
  const hashed: HashedName[] = [];
  for (const node of withEmptyNonTerminals(apex, nodes))
    hashed.push({ hash: hashName(node.owner, 0, NO_SALT), bitmap: bitmapOf(node) });
  return hashed;
}

/** RFC 5155 §7.1: RRSIG is shown where something is signed; an insecure cut has NS alone, an empty name nothing. NSEC3 stands at another name. */
function bitmapOf(node: ZoneNode): Uint8Array {
  const types = typesShown(node);
  const signed = types.some(type => isSigned(node.standing, type));
  return encodeTypeBitmap(signed ? [...types, TYPE.RRSIG] : types);
}
