import { err, ok, type Result } from '../../../base/result.ts';
import { equalNames, isAtOrBelow, type Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { decodeDnskey, DNSKEY_FLAG, keyTag, type Dnskey } from './dnskey.ts';
import { countLabels, decodeRrsig, encodeUnsigned, signedData, type Rrsig } from './signature.ts';
import { createVerifier } from './verifier.ts';

export interface VerifiedRRset {
  readonly rrsig: Rrsig;
  /** Made from a wildcard: the answer must also prove that the owner itself does not exist (RFC 4035 §5.3.4). */
  readonly fromWildcard: boolean;
}

export interface ZoneKeySet {
  readonly apex: Name;
  /** The data of the zone's DNSKEY records, trusted already. */
  readonly dnskeys: readonly Uint8Array[];
}

/** Verifies one signature of an RRset with the keys of its zone: RFC 4035 §5.3. The error says what is wrong with it. */
export function verifyRRset(
  rrset: RRset,
  rrsigData: Uint8Array,
  zone: ZoneKeySet,
  nowSeconds: number,
): Result<VerifiedRRset, string> {
  const rrsig = decodeRrsig(rrsigData);
  if (rrsig === undefined) return err('a malformed RRSIG');
  const fault = findFault(rrset, rrsig, zone, nowSeconds);
  if (fault !== undefined) return err(fault);
  const data = signedData(rrset, encodeUnsigned(rrsig));
  // RFC 4035 §5.3.1: several keys may have the tag; each is tried.
  for (const dnskey of keysFor(rrsig, zone)) {
    if (createVerifier(dnskey)?.(data, rrsig.signature) === true)
      return ok({ rrsig, fromWildcard: rrsig.labels < countLabels(rrset.owner) });
  }
  return err(`no key with algorithm ${rrsig.algorithm} and tag ${rrsig.keyTag} made this signature`);
}

/** RFC 4035 §5.3.1: what must hold before the signature itself is looked at. */
function findFault(
  { owner, type }: RRset,
  rrsig: Rrsig,
  zone: ZoneKeySet,
  nowSeconds: number,
): string | undefined {
  if (rrsig.typeCovered !== type) return 'the signature covers another type';
  if (!equalNames(rrsig.signer, zone.apex)) return 'the signer is not the zone';
  if (!isAtOrBelow(owner, zone.apex)) return 'the owner is outside the zone';
  if (rrsig.labels > countLabels(owner)) return 'the signature is for more labels than the owner has';
  if (rrsig.labels < zone.apex.length) return 'the signature is for a wildcard above the zone';
  // RFC 4034 §3.1.5: serial number arithmetic, since the seconds wrap in 2106.
  if (serialDifference(rrsig.expirationSeconds, nowSeconds) < 0) return 'the signature has expired';
  if (serialDifference(nowSeconds, rrsig.inceptionSeconds) < 0) return 'the signature is not yet valid';
  return undefined;
}

/** A zone that has more keys of one tag is made to cost its validators time (CVE-2023-50387). */
const SAME_TAG_MAX = 4;

function* keysFor(rrsig: Rrsig, { dnskeys }: ZoneKeySet): Generator<Dnskey> {
  let left = SAME_TAG_MAX;
  for (const data of dnskeys) {
    const dnskey = decodeDnskey(data);
    if (dnskey === undefined || dnskey.algorithm !== rrsig.algorithm) continue;
    // RFC 4034 §2.1.1: without the zone bit a key MUST NOT verify; RFC 5011 §2.1: nor a revoked one.
    if ((dnskey.flags & DNSKEY_FLAG.ZONE) === 0 || (dnskey.flags & DNSKEY_FLAG.REVOKE) !== 0) continue;
    if (keyTag(data) === rrsig.keyTag && left-- > 0) yield dnskey;
  }
}

/** RFC 1982 §3.2 for 32 bits: below zero where `left` comes before `right`. */
function serialDifference(left: number, right: number): number {
  return (left - right) | 0;
}
