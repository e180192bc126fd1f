import { equalBytes, viewOf } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { TYPE } from '../message.ts';
import { rrsetOf, soaOf } from '../rrset-list.ts';
import type { Zone } from '../rrset.ts';
import { soaTimesOf } from '../serial.ts';
import { digestHash, digestInSteps, type DigestHash } from './zone-digest.ts';

/** RFC 8976 §2.2: serial (4 bytes), scheme, hash, digest. */
const SCHEME_AT = 4;
const HASH_AT = 5;
const DIGEST_AT = 6;

/**
 * Whether a zone is what its ZONEMD records say: RFC 8976 §4, for zones whose RRSIGs are RRsets. `'absent'` where it has none, or none of a
 * scheme and hash that are known here. In steps, as the digest is made.
 * DEVIATES from RFC 8976 §4: the records' own signatures are not proved here: who fetches a zone has no trust anchor for it, and believes
 * the primary and the key of the transfer.
 */
export function* verifyDigestInSteps(zone: Zone): Generator<void, Result<'absent' | 'right', string>> {
  const { apex, rrsets } = zone;
  const zonemd = rrsetOf(rrsets, apex, TYPE.ZONEMD);
  const known = (zonemd?.data ?? []).flatMap(data => readDigest(data) ?? []);
  if (known.length === 0) return ok('absent');
  const { serial } = soaTimesOf(soaOf(zone).data[0] as Uint8Array);
  let fault = 'it was made for another serial';
  for (const { hash, digest, ...its } of known) {
    // RFC 8976 §4: two of one scheme and hash leave open which of them is meant.
    const isDouble = known.filter(other => other.hash === hash).length > 1;
    if (isDouble) return err('the zone has two digests (ZONEMD) of one kind');
    if (its.serial !== serial) continue;
    if (equalBytes(yield* digestInSteps(apex, rrsets, hash), digest)) return ok('right');
    fault = 'its content is another';
  }
  return err(`the digest of the zone (ZONEMD) does not fit: ${fault}`);
}

interface KnownDigest {
  readonly serial: number;
  readonly hash: DigestHash;
  readonly digest: Uint8Array;
}

function readDigest(data: Uint8Array): KnownDigest | undefined {
  const hash = digestHash(data[SCHEME_AT] ?? 0, data[HASH_AT] ?? 0);
  return hash && { serial: viewOf(data).getUint32(0), hash, digest: data.subarray(DIGEST_AT) };
}
