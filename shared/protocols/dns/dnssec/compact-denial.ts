import { concatBytes } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import type { Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { encodeTypeBitmap } from '../type-bitmap.ts';
import { canonicalName } from './canonical.ts';
import { nsecRecord } from './nsec.ts';
import { nameSuccessor } from './name-successor.ts';
import { signRRset, type Validity } from './rrset-signer.ts';
import type { SigningKey } from './signing-key.ts';
import { withEmptyNonTerminals, type ZoneNode } from './zone-nodes.ts';

/**
 * Compact denial of existence (RFC 9824): each NSEC covers its own name alone, so a walk along them finds nothing. Those of names that exist are
 * signed ahead with the zone; those of other names when they are asked for, with {@link denyName} and {@link denyTypes}, as is what a wildcard gives.
 */
export function* compactChain(apex: Name, nodes: Iterable<ZoneNode>, ttlSeconds: number): Generator<RRset> {
  // RFC 9824 §3.2: an empty non-terminal shows NSEC and RRSIG alone, which tells it from a name that does not exist.
  for (const node of withEmptyNonTerminals(apex, nodes))
    yield nsecRecord(node, nameSuccessor(node.owner, apex), ttlSeconds);
}

/** Of which zone the NSEC is, and how long it holds. */
export interface NsecPlace {
  readonly apex: Name;
  readonly ttlSeconds: number;
}

/** RFC 9824 §3.1: the NSEC of a name that does not exist, with the type NXNAME. */
export function denyName(name: Name, place: NsecPlace): RRset {
  return ownNsec(name, [TYPE.RRSIG, TYPE.NSEC, TYPE.NXNAME], place);
}

/** RFC 9824 §3.3: the NSEC of a name that a wildcard makes, with the wildcard's types. */
export function denyTypes(name: Name, wildcardTypes: readonly number[], place: NsecPlace): RRset {
  return ownNsec(name, [...wildcardTypes, TYPE.RRSIG, TYPE.NSEC], place);
}

function ownNsec(name: Name, types: readonly number[], { apex, ttlSeconds }: NsecPlace): RRset {
  const data = concatBytes([canonicalName(nameSuccessor(name, apex)), encodeTypeBitmap(types)]);
  return { owner: name, type: TYPE.NSEC, ttlSeconds, data: [data] };
}

export interface OnlineSigner {
  readonly apex: Name;
  readonly zsk: readonly SigningKey[];
  readonly validity: Validity;
}

/** The RRSIG data of an RRset that is made while answering, by each key that signs the zone. */
export function signOnline(rrset: RRset, { apex, zsk, validity }: OnlineSigner): Uint8Array[] {
  return zsk.map(key => signRRset(rrset, apex, key, validity));
}
