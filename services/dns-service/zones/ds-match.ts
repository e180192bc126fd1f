import { equalBytes, viewOf } from '../../../shared/base/bytes.ts';
import { DIGEST_TYPE, digestKey } from '../../../shared/protocols/dns/dnssec/delegation-signer.ts';
import { encodeDnskey } from '../../../shared/protocols/dns/dnssec/dnskey.ts';
import type { SigningKey } from '../../../shared/protocols/dns/dnssec/signing-key.ts';
import type { Name } from '../../../shared/protocols/dns/name.ts';

export interface DsMatch {
  /** The keys that the records are of, each once. */
  readonly ids: readonly string[];
  /** Records of keys that are none of these. */
  readonly foreignCount: number;
}

/** Which keys the DS records at the parent are of. */
export function matchDs(
  apex: Name,
  keys: ReadonlyMap<string, SigningKey>,
  records: readonly Uint8Array[],
): DsMatch {
  const found = records.map(ds => [...keys].find(([, key]) => isOf(ds, apex, key))?.[0]);
  return {
    ids: [...new Set(found.filter(id => id !== undefined))],
    foreignCount: found.filter(id => id === undefined).length,
  };
}

// RFC 4034 §5.1: key tag, algorithm, digest type, digest.
const ALGORITHM_AT = 2;
const DIGEST_TYPE_AT = 3;

function isOf(ds: Uint8Array, apex: Name, { dnskey, keyTag }: SigningKey): boolean {
  if (ds.length <= DIGEST_TYPE_AT) return false;
  if (viewOf(ds).getUint16(0) !== keyTag || ds[ALGORITHM_AT] !== dnskey.algorithm) return false;
  const digestType = Object.values(DIGEST_TYPE).find(type => type === ds[DIGEST_TYPE_AT]);
  // A digest that is not made here (SHA-1) stands beside one that is, or the tag has to do.
  return digestType === undefined || equalBytes(ds, digestKey(apex, encodeDnskey(dnskey), digestType));
}
