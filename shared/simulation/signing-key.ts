import { createECDH, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { ALGORITHM, DNSKEY_FLAG, encodeDnskey, keyTag, type Dnskey } from '../protocols/dns/dnssec/dnskey.ts';
import type { SigningKey } from '../protocols/dns/dnssec/signing-key.ts';
import { seededKey } from './acme-authority/seeded-key.ts';
import type { Prng } from './prng.ts';

export interface SeededSigningKeyOptions {
  readonly algorithm: typeof ALGORITHM.ECDSAP256SHA256 | typeof ALGORITHM.ED25519;
  /** Key-signing: with the SEP flag. */
  readonly ksk: boolean;
}

/** A zone's key from the seed. Signatures of algorithm 15 come from it too; those of 13 are random, as ECDSA is in OpenSSL. */
export function seededSigningKey(prng: Prng, { algorithm, ksk }: SeededSigningKeyOptions): SigningKey {
  const key = algorithm === ALGORITHM.ED25519 ? seededKey(prng.bytes(32)) : seededEcdsaKey(prng);
  const flags = DNSKEY_FLAG.ZONE | (ksk ? DNSKEY_FLAG.SEP : 0);
  const dnskey: Dnskey = { flags, protocol: 3, algorithm, publicKey: publicBytes(key) };
  return {
    dnskey,
    keyTag: keyTag(encodeDnskey(dnskey)),
    sign: data =>
      algorithm === ALGORITHM.ED25519
        ? sign(null, data, key)
        : sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
  };
}

function seededEcdsaKey(prng: Prng): KeyObject {
  const pair = createECDH('prime256v1');
  // Below the group's order, which begins with 32 bits of ones.
  pair.setPrivateKey(Buffer.from([0x7f, ...prng.bytes(31)]));
  const point = pair.getPublicKey();
  const text = (bytes: Buffer): string => bytes.toString('base64url');
  const [d, x, y] = [text(pair.getPrivateKey()), text(point.subarray(1, 33)), text(point.subarray(33))];
  return createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', d, x, y } });
}

/** RFC 6605 §4 and RFC 8080 §3: the coordinates one behind the other, or the one that there is. */
function publicBytes(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}
