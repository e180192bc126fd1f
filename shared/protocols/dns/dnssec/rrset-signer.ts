import { concatBytes } from '../../../base/bytes.ts';
import type { Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { countLabels, encodeUnsigned, signedData } from './signature.ts';
import type { SigningKey } from './signing-key.ts';

/** From when to when a signature holds, in Unix seconds. */
export interface Validity {
  readonly inceptionSeconds: number;
  readonly expirationSeconds: number;
}

/** The RRSIG data of one RRset by one key: RFC 4035 §2.2. */
export function signRRset(
  rrset: RRset,
  apex: Name,
  key: SigningKey,
  { inceptionSeconds, expirationSeconds }: Validity,
): Uint8Array<ArrayBuffer> {
  const unsigned = encodeUnsigned({
    typeCovered: rrset.type,
    algorithm: key.dnskey.algorithm,
    labels: countLabels(rrset.owner),
    originalTtlSeconds: rrset.ttlSeconds,
    expirationSeconds,
    inceptionSeconds,
    keyTag: key.keyTag,
    signer: apex,
  });
  return concatBytes([unsigned, key.sign(signedData(rrset, unsigned))]);
}
