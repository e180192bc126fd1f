import type { Dnskey } from './dnskey.ts';

/** A key that can sign. The private half stays with whoever made this; signing is random for ECDSA, so it is given in. */
export interface SigningKey {
  readonly dnskey: Dnskey;
  readonly keyTag: number;
  /** Over `data` as it is; r and s as 64 bytes for algorithm 13 (RFC 6605 §4), RFC 8032's 64 bytes for 15. */
  sign(data: Uint8Array): Uint8Array;
}

export interface ZoneKeys {
  /** Sign DNSKEY, CDS and CDNSKEY. */
  readonly ksk: readonly SigningKey[];
  /** Sign all else. A key that does both (CSK) stands in both lists. */
  readonly zsk: readonly SigningKey[];
  /** The keys shown in DNSKEY where they are others than those that sign: while keys roll. */
  readonly published?: readonly Dnskey[];
  /** What the parent is asked for by CDS and CDNSKEY (RFC 7344): the keys of these, no DS at all (RFC 8078 §4), or nothing. */
  readonly atParent?: readonly Dnskey[] | 'delete';
}

/** The keys that stand in the DNSKEY RRset, each once. */
export function publishedKeys({ ksk, zsk, published }: ZoneKeys): readonly Dnskey[] {
  return published ?? [...new Set([...ksk, ...zsk].map(({ dnskey }) => dnskey))];
}
