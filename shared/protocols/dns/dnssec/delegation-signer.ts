import { createHash } from 'node:crypto';
import { concatBytes } from '../../../base/bytes.ts';
import type { Name } from '../name.ts';
import { canonicalName } from './canonical.ts';
import { keyTag } from './dnskey.ts';

/** RFC 4509 and RFC 6605 §2. RFC 8624 §3.3: SHA-1 (1) and GOST (3) are not made any more. */
export const DIGEST_TYPE = { SHA256: 2, SHA384: 4 } as const;
export type DigestType = (typeof DIGEST_TYPE)[keyof typeof DIGEST_TYPE];

const HASHES: Readonly<Record<DigestType, string>> = { 2: 'sha256', 4: 'sha384' };

/** The data of the DS or CDS record for a key of `owner`: RFC 4034 §5.1. */
export function digestKey(
  owner: Name,
  dnskeyData: Uint8Array,
  digestType: DigestType,
): Uint8Array<ArrayBuffer> {
  const tag = keyTag(dnskeyData);
  const algorithm = dnskeyData[3] as number;
  // RFC 4034 §5.1.4: digest( DNSKEY owner name | DNSKEY RDATA), the name in canonical form.
  const digest = createHash(HASHES[digestType]).update(canonicalName(owner)).update(dnskeyData).digest();
  return concatBytes([Uint8Array.of(tag >>> 8, tag & 0xff, algorithm, digestType), digest]);
}
