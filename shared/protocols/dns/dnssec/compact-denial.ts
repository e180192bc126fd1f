import { concatBytes } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import type { Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { encodeTypeBitmap } from '../type-bitmap.ts';
import { canonicalName } from './canonical.ts';
import { nsecRecord } from './nsec.ts';
import { nameSuccessor } from './name-successor.ts';
import { signRRset, type Validity } from './rrset-signer.ts';
import type { SignedRRset } from './signed-zone.ts';
import type { SigningKey } from './signing-key.ts';
import { withEmptyNonTerminals, type ZoneNode } from './zone-nodes.ts';

/**
 * Compact denial of existence (RFC 9824): each NSEC covers its own name alone, so a walk along them finds nothing. Those of names that exist are
 * signed ahead with the zone; those of other names when they are asked for, with {@link denyName}, as are wildcards, with {@link expandWildcard}.
 */
export function* compactChain(apex: Name, nodes: readonly ZoneNode[], ttlSeconds: number): Generator<RRset> {
  // RFC 9824 §3.2: an empty non-terminal shows NSEC and RRSIG alone, which tells it from a name that does not exist.
  for (const node of withEmptyNonTerminals(apex, nodes))
    yield nsecRecord(node, nameSuccessor(node.owner, apex), ttlSeconds);
}

export interface OnlineSigner {
  readonly apex: Name;
  readonly zsk: readonly SigningKey[];
  readonly validity: Validity;
}

/** RFC 9824 §3.1: the NSEC of a name that does not exist, with the type NXNAME. */
export function denyName(name: Name, ttlSeconds: number, signer: OnlineSigner): SignedRRset {
  const bitmap = encodeTypeBitmap([TYPE.RRSIG, TYPE.NSEC, TYPE.NXNAME]);
  const data = concatBytes([canonicalName(nameSuccessor(name, signer.apex)), bitmap]);
  return signOnline({ owner: name, type: TYPE.NSEC, ttlSeconds, data: [data] }, signer);
}

/** RFC 9824 §3.3: an answer from a wildcard is signed as if the name itself had the records; then nothing is left to prove. */
export function expandWildcard(
  name: Name,
  { type, ttlSeconds, data }: RRset,
  signer: OnlineSigner,
): SignedRRset {
  return signOnline({ owner: name, type, ttlSeconds, data }, signer);
}

function signOnline(rrset: RRset, { apex, zsk, validity }: OnlineSigner): SignedRRset {
  return { ...rrset, signatures: zsk.map(key => signRRset(rrset, apex, key, validity)) };
}
