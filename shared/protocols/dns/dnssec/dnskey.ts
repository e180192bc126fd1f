import { concatBytes, viewOf } from '../../../base/bytes.ts';

/** A zone's public key as in DNSKEY and CDNSKEY records. */
export interface Dnskey {
  /** {@link DNSKEY_FLAG} */
  readonly flags: number;
  readonly protocol: 3;
  /** {@link ALGORITHM} */
  readonly algorithm: number;
  /** In the algorithm's own form: RFC 3110 §2, RFC 6605 §4, RFC 8080 §3. */
  readonly publicKey: Uint8Array;
}

/** RFC 4034 §2.1.1 and RFC 5011 §7. */
export const DNSKEY_FLAG = { ZONE: 0x0100, REVOKE: 0x0080, SEP: 0x0001 } as const;

/** IANA's "DNS Security Algorithm Numbers", those that this code signs or verifies with. */
export const ALGORITHM = {
  RSASHA256: 8,
  RSASHA512: 10,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
} as const;

/** RFC 4034 §2.1.2: any other value makes the key invalid. */
const PROTOCOL = 3;
const HEADER_BYTES = 4;

/** RFC 4034 §2.1. */
export function encodeDnskey({ flags, protocol, algorithm, publicKey }: Dnskey): Uint8Array<ArrayBuffer> {
  return concatBytes([Uint8Array.of(flags >>> 8, flags & 0xff, protocol, algorithm), publicKey]);
}

/** undefined where the data is too short or of another protocol. */
export function decodeDnskey(data: Uint8Array): Dnskey | undefined {
  if (data.length <= HEADER_BYTES || data[2] !== PROTOCOL) return undefined;
  const algorithm = data[3] as number;
  return { flags: viewOf(data).getUint16(0), protocol: PROTOCOL, algorithm, publicKey: data.subarray(4) };
}

/** RFC 4034 appendix B: a hint which key made a signature; several keys may have the same one. */
export function keyTag(dnskeyData: Uint8Array): number {
  let sum = 0;
  dnskeyData.forEach((byte, index) => (sum += index % 2 === 0 ? byte << 8 : byte));
  return (sum + (sum >>> 16)) & 0xffff;
}
