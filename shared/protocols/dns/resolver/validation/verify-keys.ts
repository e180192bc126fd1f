import { equalBytes } from '../../../../base/bytes.ts';
import { err, type Result } from '../../../../base/result.ts';
import { DIGEST_TYPE, digestKey, type DigestType } from '../../dnssec/delegation-signer.ts';
import { ALGORITHM } from '../../dnssec/dnskey.ts';
import type { SignedRRset } from '../../dnssec/signed-zone.ts';
import { formatName } from '../../name.ts';
import { EDE, fault, type Fault } from '../fault.ts';
import { DNSKEYS_MAX, DS_MAX } from '../limits.ts';
import type { Budget } from './budget.ts';
import { verifySigned, type Verified } from './verify-signed.ts';

/**
 * The DS records that can be followed. RFC 4035 §5.2: where there are none, the zone is as if it were not signed. RFC 9905 §2: SHA-1 does not
 * count, neither in signatures nor in digests.
 */
export function knownDs(ds: readonly Uint8Array[]): Uint8Array[] {
  const known = ds.filter(data => ALGORITHMS.has(data[2] as number) && DIGEST_TYPES.has(data[3] as number));
  return known.slice(0, DS_MAX);
}

const ALGORITHMS: ReadonlySet<number> = new Set(Object.values(ALGORITHM));
const DIGEST_TYPES: ReadonlySet<number> = new Set(Object.values(DIGEST_TYPE));

/** RFC 4035 §5.2: the zone's keys are its own where one of those that its DS records name has signed them all. */
export function verifyKeys(
  dnskeys: SignedRRset,
  ds: readonly Uint8Array[],
  nowSeconds: number,
  budget: Budget,
): Result<Verified, Fault> {
  const apex = dnskeys.owner;
  const candidates = dnskeys.data.slice(0, DNSKEYS_MAX);
  const named = candidates.filter(dnskey => ds.some(digest => matches(dnskey, digest, dnskeys)));
  if (named.length === 0)
    return err(
      fault(EDE.DNSKEY_MISSING, `${formatName(apex)} has no key that the DS records of its parent name`),
    );
  return verifySigned(dnskeys, { apex, dnskeys: named }, nowSeconds, budget);
}

function matches(dnskey: Uint8Array, ds: Uint8Array, { owner }: SignedRRset): boolean {
  // The digest is taken only of a key of the algorithm that the DS tells.
  if (dnskey[3] !== ds[2]) return false;
  return equalBytes(digestKey(owner, dnskey, ds[3] as DigestType), ds);
}
