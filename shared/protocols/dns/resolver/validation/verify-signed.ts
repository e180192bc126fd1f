import { err, ok, type Result } from '../../../../base/result.ts';
import { decodeDnskey, keyTag } from '../../dnssec/dnskey.ts';
import { decodeRrsig, type Rrsig } from '../../dnssec/signature.ts';
import type { SignedRRset } from '../../dnssec/signed-zone.ts';
import { verifyRRset, type VerifiedRRset, type ZoneKeySet } from '../../dnssec/verify-rrset.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import { formatName, lowerName } from '../../name.ts';
import type { RRset } from '../../rrset.ts';
import { EDE, fault, type Fault } from '../fault.ts';
import { DNSKEYS_MAX, SIGNATURES_MAX } from '../limits.ts';
import type { Budget } from './budget.ts';

export interface Verified {
  /** With the TTL that its signature lets it have. */
  readonly rrset: RRset;
  /** Labels that the signature is for; fewer than the owner's: it was made from a wildcard (RFC 4035 §5.3.4). */
  readonly labels: number;
  readonly fromWildcard: boolean;
}

/** Looks for one signature of the set that a key of the zone made: RFC 4035 §5.3. RFC 6840 §5.11: any one is enough. */
export function verifySigned(
  rrset: SignedRRset,
  zone: ZoneKeySet,
  nowSeconds: number,
  budget: Budget,
): Result<Verified, Fault> {
  const what = `${formatType(rrset.type)} of ${formatName(lowerName(rrset.owner))}`;
  if (rrset.signatures.length === 0) return err(fault(EDE.RRSIGS_MISSING, `${what} is not signed`));
  let why = `no key of the zone ${formatName(zone.apex)} has made it`;
  let tried = 0;
  for (const signature of rrset.signatures.slice(0, SIGNATURES_MAX)) {
    for (const dnskey of keysOf(signature, zone)) {
      if (!budget.mayVerify(tried++))
        return err(fault(EDE.DNSSEC_BOGUS, `${what} has too many signatures that do not hold`));
      const verified = verifyRRset(rrset, signature, { apex: zone.apex, dnskeys: [dnskey] }, nowSeconds);
      if (verified.ok) return ok(accept(rrset, verified.value, nowSeconds));
      why = verified.error;
    }
  }
  return err(fault(codeOf(why), `the signature of ${what} does not hold: ${why}`));
}

/** Only keys that the signature names are tried, so that each try costs one verification at most. */
function* keysOf(signature: Uint8Array, { dnskeys }: ZoneKeySet): Generator<Uint8Array> {
  const rrsig = decodeRrsig(signature);
  for (const dnskey of dnskeys.slice(0, DNSKEYS_MAX))
    if (rrsig !== undefined && isNamed(dnskey, rrsig)) yield dnskey;
}

function isNamed(dnskey: Uint8Array, rrsig: Rrsig): boolean {
  return decodeDnskey(dnskey)?.algorithm === rrsig.algorithm && keyTag(dnskey) === rrsig.keyTag;
}

function accept(
  { owner, type, ttlSeconds, data }: SignedRRset,
  { rrsig, fromWildcard }: VerifiedRRset,
  nowSeconds: number,
): Verified {
  // RFC 4035 §5.3.3: no longer than the zone gave it, and no longer than the signature holds (modulo 2³², RFC 4034 §3.1.5).
  const leftSeconds = (rrsig.expirationSeconds - nowSeconds) >>> 0;
  const ttl = Math.min(ttlSeconds, rrsig.originalTtlSeconds, leftSeconds);
  return { rrset: { owner, type, ttlSeconds: ttl, data }, labels: rrsig.labels, fromWildcard };
}

/** verifyRRset() says in words what RFC 8914 §4.8 and §4.9 have numbers for. */
function codeOf(why: string): number {
  if (why.includes('expired')) return EDE.SIGNATURE_EXPIRED;
  return why.includes('not yet valid') ? EDE.SIGNATURE_NOT_YET_VALID : EDE.DNSSEC_BOGUS;
}
