import { concatBytes, viewOf } from '../../../base/bytes.ts';
import { decodeName, type Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { canonicalName, canonicalRecords, canonicalWire } from './canonical.ts';

/** The data of an RRSIG record: RFC 4034 §3.1. Times are Unix seconds modulo 2³². */
export interface Rrsig {
  readonly typeCovered: number;
  readonly algorithm: number;
  /** Labels of the owner without the root's and a wildcard's asterisk. */
  readonly labels: number;
  readonly originalTtlSeconds: number;
  readonly expirationSeconds: number;
  readonly inceptionSeconds: number;
  readonly keyTag: number;
  readonly signer: Name;
  readonly signature: Uint8Array;
}

const FIXED_BYTES = 18;
const ASTERISK = 0x2a;

/** What is signed of the RRSIG itself: its data without the signature, the signer's name in canonical form. */
export function encodeUnsigned(rrsig: Omit<Rrsig, 'signature'>): Uint8Array<ArrayBuffer> {
  const signer = canonicalName(rrsig.signer);
  const bytes = new Uint8Array(FIXED_BYTES + signer.length);
  const view = viewOf(bytes);
  view.setUint16(0, rrsig.typeCovered);
  bytes[2] = rrsig.algorithm;
  bytes[3] = rrsig.labels;
  view.setUint32(4, rrsig.originalTtlSeconds);
  view.setUint32(8, rrsig.expirationSeconds);
  view.setUint32(12, rrsig.inceptionSeconds);
  view.setUint16(16, rrsig.keyTag);
  bytes.set(signer, FIXED_BYTES);
  return bytes;
}

export function encodeRrsig(rrsig: Rrsig): Uint8Array<ArrayBuffer> {
  return concatBytes([encodeUnsigned(rrsig), rrsig.signature]);
}

/** undefined where the data is no RRSIG. */
export function decodeRrsig(data: Uint8Array): Rrsig | undefined {
  if (data.length < FIXED_BYTES) return undefined;
  const signer = decodeName(data, FIXED_BYTES);
  // RFC 4034 §3.1.7: the signer's name is never compressed, so nothing before it may be pointed at.
  if (!signer.ok || isCompressed(data, signer.value.end)) return undefined;
  const view = viewOf(data);
  return {
    typeCovered: view.getUint16(0),
    algorithm: view.getUint8(2),
    labels: view.getUint8(3),
    originalTtlSeconds: view.getUint32(4),
    expirationSeconds: view.getUint32(8),
    inceptionSeconds: view.getUint32(12),
    keyTag: view.getUint16(16),
    signer: signer.value.name,
    signature: data.subarray(signer.value.end),
  };
}

function isCompressed(data: Uint8Array, end: number): boolean {
  return data[end - 1] !== 0;
}

/** RFC 4034 §3.1.3: `*` at the left does not count. */
export function countLabels(owner: Name): number {
  return isWildcard(owner) ? owner.length - 1 : owner.length;
}

/** RFC 4592 §2.1.1: the leftmost label is a single asterisk. */
export function isWildcard(name: Name): boolean {
  return name[0]?.length === 1 && name[0][0] === ASTERISK;
}

/**
 * The bytes that a signature of `rrset` covers: RFC 4034 §3.1.8.1. `unsigned` is from {@link encodeUnsigned}. With fewer labels than
 * the owner has, the RRset was made from a wildcard, and that one's name is signed (RFC 4035 §5.3.2).
 */
export function signedData(rrset: RRset, unsigned: Uint8Array): Uint8Array<ArrayBuffer> {
  const labels = unsigned[3] as number;
  const { owner } = rrset;
  const name = labels < countLabels(owner) ? [WILDCARD, ...owner.slice(owner.length - labels)] : owner;
  const originalTtlSeconds = viewOf(unsigned).getUint32(4);
  const fixed = { type: rrset.type, ttlSeconds: originalTtlSeconds };
  return canonicalWire(unsigned, canonicalName(name), fixed, canonicalRecords(rrset));
}

const WILDCARD = Uint8Array.of(ASTERISK);
