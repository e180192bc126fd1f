import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { ALGORITHM, type Dnskey } from './dnskey.ts';

/** Says whether `signature` over `data` was made with the key. */
export type Verifier = (data: Uint8Array, signature: Uint8Array) => boolean;

/** RFC 8624 §3.1: a validator MUST know 8, 10, 13 and 15, and SHOULD or MAY know 14. Those with SHA-1 are left out: RFC 9905. */
const VERIFIERS: Readonly<Record<number, (publicKey: Uint8Array) => Verifier | undefined>> = {
  [ALGORITHM.RSASHA256]: key => rsa(key, 'sha256', 64),
  [ALGORITHM.RSASHA512]: key => rsa(key, 'sha512', 128),
  [ALGORITHM.ECDSAP256SHA256]: key => ecdsa(key, { crv: 'P-256', hash: 'sha256', bytes: 32 }),
  [ALGORITHM.ECDSAP384SHA384]: key => ecdsa(key, { crv: 'P-384', hash: 'sha384', bytes: 48 }),
  [ALGORITHM.ED25519]: ed25519,
};

/** undefined where the algorithm is not known or the key not of its form. */
export function createVerifier({ algorithm, publicKey }: Dnskey): Verifier | undefined {
  return VERIFIERS[algorithm]?.(publicKey);
}

/** RFC 6605 §4: a key is the two coordinates, a signature r and s, each of the curve's length. */
function ecdsa(
  publicKey: Uint8Array,
  { crv, hash, bytes }: { readonly crv: string; readonly hash: string; readonly bytes: number },
): Verifier | undefined {
  if (publicKey.length !== 2 * bytes) return undefined;
  const x = base64Url(publicKey.subarray(0, bytes));
  const y = base64Url(publicKey.subarray(bytes));
  const key = importKey({ kty: 'EC', crv, x, y });
  if (key === undefined) return undefined;
  return (data, signature) =>
    signature.length === 2 * bytes && verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

const ED25519_KEY_BYTES = 32;

/** RFC 8080 §3 and §4: key and signature as RFC 8032 has them. */
function ed25519(publicKey: Uint8Array): Verifier | undefined {
  if (publicKey.length !== ED25519_KEY_BYTES) return undefined;
  const key = importKey({ kty: 'OKP', crv: 'Ed25519', x: base64Url(publicKey) });
  return key === undefined ? undefined : (data, signature) => verify(null, data, key, signature);
}

/** RFC 5702 §2.1 and §2.2: 4096 bits. */
const MODULUS_MAX_BYTES = 512;
/** Larger exponents make verifying as slow as signing; keys in use have 3 or 65537. */
const EXPONENT_MAX_BYTES = 4;

/** RFC 3110 §2: the length of the exponent in one byte, or zero and two bytes; the exponent; the modulus. */
function rsa(publicKey: Uint8Array, hash: string, modulusMinBytes: number): Verifier | undefined {
  const [first = 0, high = 0, low = 0] = publicKey;
  const start = first === 0 ? 3 : 1;
  const length = first === 0 ? (high << 8) | low : first;
  const exponent = publicKey.subarray(start, start + length);
  const modulus = publicKey.subarray(start + length);
  if (length === 0 || length > EXPONENT_MAX_BYTES) return undefined;
  if (modulus.length < modulusMinBytes || modulus.length > MODULUS_MAX_BYTES) return undefined;
  const key = importKey({ kty: 'RSA', n: base64Url(modulus), e: base64Url(exponent) });
  return key === undefined ? undefined : (data, signature) => verify(hash, data, key, signature);
}

function importKey(jwk: Record<string, string>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    // A point that is not on its curve: whoever published it has no key.
    return undefined;
  }
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
}
