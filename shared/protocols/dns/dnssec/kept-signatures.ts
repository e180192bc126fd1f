import { equalBytes } from '../../../base/bytes.ts';
import type { RRsetList } from '../rrset-list.ts';
import { compareCanonical, type RRset } from '../rrset.ts';
import { encodeDnskey } from './dnskey.ts';
import type { SignedRRset, SignedZone } from './signed-zone.ts';
import type { SigningKey } from './signing-key.ts';

export interface KeepRule {
  /** Those that end earlier are made anew. */
  readonly renewBeforeSeconds: number;
  /** Those that begin later come from a clock that went wrong. */
  readonly inceptionSeconds: number;
}

/** Signatures of an earlier signing that still hold. */
export interface KeptSignatures {
  /** What stood for this RRset, if it is the same still. RRsets are asked for in the order of the zone. */
  find(rrset: RRset): SignedRRset | undefined;
  /** The signature that is the key's and holds long enough. */
  pick(earlier: SignedRRset, key: SigningKey): Uint8Array | undefined;
}

export function createKeptSignatures(before: SignedZone | undefined, rule: KeepRule): KeptSignatures {
  const rrsets: RRsetList<SignedRRset> = before?.rrsets ?? [];
  const signedBy = before?.signedBy ?? [];
  const known = new Map<SigningKey, boolean>();
  // Another key may have the same tag: the key itself must have signed the zone.
  const hasSigned = (key: SigningKey): boolean => {
    const has = known.get(key) ?? signedBy.some(dnskey => equalBytes(dnskey, encodeDnskey(key.dnskey)));
    known.set(key, has);
    return has;
  };
  let at = 0;
  return {
    find(rrset) {
      // Both zones are in canonical order: one walk along both.
      while (at < rrsets.length && order(rrsets.at(at) as RRset, rrset) < 0) at++;
      const earlier = rrsets.at(at);
      return earlier !== undefined && isSame(earlier, rrset) ? earlier : undefined;
    },
    pick({ signatures }, key) {
      if (!hasSigned(key)) return undefined;
      return signatures.find(signature => isBy(signature, key) && holds(signature, rule));
    },
  };
}

function order(left: RRset, right: RRset): number {
  if (left.owner === right.owner) return left.type - right.type;
  return compareCanonical(left.owner, right.owner) || left.type - right.type;
}

function isSame(earlier: SignedRRset, rrset: RRset): boolean {
  if (order(earlier, rrset) !== 0 || earlier.ttlSeconds !== rrset.ttlSeconds) return false;
  if (earlier.data === rrset.data) return true;
  return (
    earlier.data.length === rrset.data.length &&
    earlier.data.every((data, index) => equalBytes(data, rrset.data[index] as Uint8Array))
  );
}

// Where the fields of an RRSIG stand: RFC 4034 §3.1.
const ALGORITHM_AT = 2;
const EXPIRATION_AT = 8;
const INCEPTION_AT = 12;
const KEY_TAG_AT = 16;

function isBy(signature: Uint8Array, { dnskey, keyTag }: SigningKey): boolean {
  const tag = ((signature[KEY_TAG_AT] as number) << 8) | (signature[KEY_TAG_AT + 1] as number);
  return signature[ALGORITHM_AT] === dnskey.algorithm && tag === keyTag;
}

function holds(signature: Uint8Array, { renewBeforeSeconds, inceptionSeconds }: KeepRule): boolean {
  // RFC 4034 §3.1.5: serial number arithmetic.
  const left = (secondsAt(signature, EXPIRATION_AT) - renewBeforeSeconds) | 0;
  const age = (inceptionSeconds - secondsAt(signature, INCEPTION_AT)) | 0;
  return left > 0 && age >= 0;
}

/** When a signature ends, of RRSIG data: Unix seconds modulo 2³². */
export function expirationOf(signature: Uint8Array): number {
  return secondsAt(signature, EXPIRATION_AT);
}

/** Read byte by byte: a view for each of a zone's signatures would cost more than all else here. */
function secondsAt(bytes: Uint8Array, at: number): number {
  let seconds = 0;
  for (let index = at; index < at + 4; index++) seconds = (seconds << 8) | (bytes[index] as number);
  return seconds >>> 0;
}
