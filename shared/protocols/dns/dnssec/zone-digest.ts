import { createHash } from 'node:crypto';
import { concatBytes } from '../../../base/bytes.ts';
import { coveredType } from '../changes/rrset-identity.ts';
import { TYPE } from '../message.ts';
import { equalNames, type Name } from '../name.ts';
import { byOwner } from '../rrset-list.ts';
import { compareBytes, type RRset } from '../rrset.ts';
import { canonicalName, canonicalRecords, canonicalWire } from './canonical.ts';
import type { SignedRRset } from './signed-zone.ts';

// RFC 8976 §5.2 and §5.3.
const SCHEME_SIMPLE = 1;
const HASH_SHA384 = 1;
const HASH_SHA512 = 2;
const DIGEST_BYTES = 48;

export type DigestHash = 1 | 2;
const ALGORITHMS: Readonly<Record<DigestHash, string>> = { 1: 'sha384', 2: 'sha512' };

/** The hash of that number with scheme SIMPLE, if it is one that can be made here. */
export function digestHash(scheme: number, hash: number): DigestHash | undefined {
  return scheme === SCHEME_SIMPLE && (hash === HASH_SHA384 || hash === HASH_SHA512) ? hash : undefined;
}

/** The zone's digest as a ZONEMD record, SHA-384 over the whole zone: RFC 8976 §2. `digest` is left out before it is known. */
export function zonemdRecord(soa: RRset, digest: Uint8Array = new Uint8Array(DIGEST_BYTES)): RRset {
  const serial = serialOf(soa);
  const data = concatBytes([serial, Uint8Array.of(SCHEME_SIMPLE, HASH_SHA384), digest]);
  return { owner: soa.owner, type: TYPE.ZONEMD, ttlSeconds: soa.ttlSeconds, data: [data] };
}

/** RFC 1035 §3.3.13: SERIAL is the first of the five numbers at the end. */
function serialOf({ data }: RRset): Uint8Array {
  return (data[0] as Uint8Array).slice(-20, -16);
}

/** RRSIGs stand beside what they cover, or as RRsets: both are digested alike. */
export type DigestedRRset = RRset & Partial<Pick<SignedRRset, 'signatures'>>;

/** What makes a step about a millisecond long. */
const RRSETS_A_STEP = 128;

/**
 * RFC 8976 §3: the digest of all records in canonical form and order, glue and occluded names too. In steps of about a millisecond: it is made
 * over the whole zone however little of it has changed.
 */
export function* digestInSteps(
  apex: Name,
  rrsets: Iterable<DigestedRRset>,
  hash: DigestHash = HASH_SHA384,
): Generator<void, Uint8Array<ArrayBuffer>> {
  const digest = createHash(ALGORITHMS[hash]);
  let left = RRSETS_A_STEP;
  for (const node of byOwner(rrsets)) {
    const { owner } = node[0] as DigestedRRset;
    const digested = equalNames(owner, apex) ? node.filter(rrset => !isOfDigest(rrset)) : node;
    for (const part of digestedParts(canonicalName(owner), digested)) digest.update(part);
    left -= node.length;
    if (left > 0) continue;
    left = RRSETS_A_STEP;
    yield;
  }
  return digest.digest();
}

/** RFC 8976 §3.3.1: the digest and its signature cannot be part of the digest. */
function isOfDigest(rrset: DigestedRRset): boolean {
  return rrset.type === TYPE.ZONEMD || coveredType(rrset) === TYPE.ZONEMD;
}

const NO_HEAD = new Uint8Array();

/** RFC 8976 §3.3.1: by type, then by data; the signatures of a name stand together among its types. */
function digestedParts(owner: Uint8Array, node: readonly DigestedRRset[]): Uint8Array[] {
  const isRrsig = ({ type }: DigestedRRset): boolean => type === TYPE.RRSIG;
  const plain = node
    .filter(rrset => !isRrsig(rrset))
    .map(rrset => ({
      type: rrset.type,
      wire: canonicalWire(NO_HEAD, owner, rrset, canonicalRecords(rrset)),
    }));
  const signatures = node
    .flatMap(rrset =>
      (isRrsig(rrset) ? rrset.data : (rrset.signatures ?? [])).map(data => ({
        ttlSeconds: rrset.ttlSeconds,
        data,
      })),
    )
    .sort((left, right) => compareBytes(left.data, right.data))
    .map(({ ttlSeconds, data }) => canonicalWire(NO_HEAD, owner, { type: TYPE.RRSIG, ttlSeconds }, [data]));
  const rrsig = { type: TYPE.RRSIG, wire: concatBytes(signatures) };
  return [...plain, rrsig].sort((left, right) => left.type - right.type).map(({ wire }) => wire);
}
