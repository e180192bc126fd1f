import { createHash } from 'node:crypto';
import { concatBytes } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import { equalNames, type Name } from '../name.ts';
import { compareBytes, type RRset } from '../rrset.ts';
import { canonicalName, canonicalRecords, canonicalWire } from './canonical.ts';
import { endOfOwner, type SignedRRset } from './signed-zone.ts';

// RFC 8976 §5.2 and §5.3.
const SCHEME_SIMPLE = 1;
const HASH_SHA384 = 1;
const DIGEST_BYTES = 48;

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

/** RFC 8976 §3: the digest of all records in canonical form and order, glue and occluded names too. */
export function digestZone(apex: Name, rrsets: readonly SignedRRset[]): Uint8Array<ArrayBuffer> {
  const hash = createHash('sha384');
  for (let at = 0; at < rrsets.length;) {
    const end = endOfOwner(rrsets, at);
    const node = rrsets.slice(at, end);
    // RFC 8976 §3.3.1: the digest and its signature cannot be part of the digest.
    const { owner } = node[0] as SignedRRset;
    const digested = equalNames(owner, apex) ? node.filter(({ type }) => type !== TYPE.ZONEMD) : node;
    for (const part of digestedParts(canonicalName(owner), digested)) hash.update(part);
    at = end;
  }
  return hash.digest();
}

const NO_HEAD = new Uint8Array();

/** RFC 8976 §3.3.1: by type, then by data; the signatures of a name stand together among its types. */
function digestedParts(owner: Uint8Array, node: readonly SignedRRset[]): Uint8Array[] {
  const plain = node.map(rrset => ({
    type: rrset.type,
    wire: canonicalWire(NO_HEAD, owner, rrset, canonicalRecords(rrset)),
  }));
  const signatures = node
    .flatMap(({ ttlSeconds, signatures }) => signatures.map(data => ({ ttlSeconds, data })))
    .sort((left, right) => compareBytes(left.data, right.data))
    .map(({ ttlSeconds, data }) => canonicalWire(NO_HEAD, owner, { type: TYPE.RRSIG, ttlSeconds }, [data]));
  const rrsig = { type: TYPE.RRSIG, wire: concatBytes(signatures) };
  return [...plain, rrsig].sort((left, right) => left.type - right.type).map(({ wire }) => wire);
}
