import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { concatBytes } from '../../../shared/base/bytes.ts';
import {
  ALGORITHM,
  DNSKEY_FLAG,
  encodeDnskey,
  keyTag,
  type Dnskey,
} from '../../../shared/protocols/dns/dnssec/dnskey.ts';
import type { SigningKey } from '../../../shared/protocols/dns/dnssec/signing-key.ts';
import type { KeyRole } from '../../../shared/protocols/dns/key-roll/state.ts';
import type { ZoneConfiguration } from '../config.ts';

export type SigningAlgorithm = ZoneConfiguration['algorithm'];

/** A fresh private key, PEM (PKCS #8). It takes a fraction of a millisecond. */
export function createPrivateKeyPem(algorithm: SigningAlgorithm): string {
  const { privateKey } =
    algorithm === ALGORITHM.ED25519
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' });
}

/** @throws Error where the text is no key. */
export function signingKeyOf(
  privateKeyPem: string,
  { algorithm, role }: { readonly algorithm: SigningAlgorithm; readonly role: KeyRole },
): SigningKey {
  const key = createPrivateKey(privateKeyPem);
  // RFC 4034 §2.1.1: SEP tells keys that stand at the parent.
  const flags = DNSKEY_FLAG.ZONE | (role === 'zsk' ? 0 : DNSKEY_FLAG.SEP);
  const dnskey: Dnskey = { flags, protocol: 3, algorithm, publicKey: publicBytesOf(key) };
  return {
    dnskey,
    keyTag: keyTag(encodeDnskey(dnskey)),
    sign: data =>
      algorithm === ALGORITHM.ED25519
        ? sign(null, data, key)
        : sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
  };
}

/** RFC 6605 §4: both coordinates of the point, one behind the other. RFC 8080 §3: the one that there is. */
function publicBytesOf(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  return concatBytes([x, y].map(text => Uint8Array.fromBase64(text, { alphabet: 'base64url' })));
}
