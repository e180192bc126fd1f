import { createHash, createPrivateKey, createPublicKey, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { TlsCredentials } from '../../devices/tls.ts';
import { identifierOf } from '../../protocols/acme/identifier.ts';
import type { AcmeSigner } from '../../protocols/acme/jws.ts';
import { loadX509 } from './library.ts';
import {
  createSelfSignedCertificate,
  PINNED_VALIDITY,
  type SelfSigned,
  type SelfSignedOptions,
} from './self-signed.ts';

export type KeyType = 'ecdsa-p256' | 'rsa-2048';

/** Everything about certificates that needs chance or threads; a simulated world has a cheap one of its own. */
export interface CertificateMaker {
  /** A fresh private key, PEM (PKCS #8). */
  createKey(type: KeyType): Promise<string>;
  /** A certification request (RFC 2986) for the names, DER. */
  createRequest(names: readonly string[], privateKeyPem: string): Promise<Uint8Array>;
  createSelfSigned(options: SelfSignedOptions): Promise<SelfSigned>;
  /** RFC 8737 §3: shows the authority that whoever answers for `name` knows the key authorization. */
  createValidationCertificate(name: string, keyAuthorization: string): Promise<TlsCredentials>;
  /** Signs for an account with that key. */
  signerOf(privateKeyPem: string): AcmeSigner;
}

export function createCertificateMaker(): CertificateMaker {
  return {
    createKey,
    createRequest,
    createSelfSigned: createSelfSignedCertificate,
    createValidationCertificate,
    signerOf,
  };
}

async function createKey(type: KeyType): Promise<string> {
  const generate = promisify(generateKeyPair);
  const { privateKey } =
    type === 'ecdsa-p256'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength: 2048 });
  return privateKey.export({ format: 'pem', type: 'pkcs8' });
}

async function createRequest(names: readonly string[], privateKeyPem: string): Promise<Uint8Array> {
  const x509 = await loadX509();
  const keys = importKeys(privateKeyPem);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys: keys.pair,
    signingAlgorithm: keys.algorithm,
    // RFC 8555 §7.4: the names stand in the extension request; a common name is not needed.
    extensions: [new x509.SubjectAlternativeNameExtension(names.map(identifierOf))],
  });
  return new Uint8Array(request.rawData);
}

// RFC 8737 §6.1: id-pe-acmeIdentifier.
const ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';

async function createValidationCertificate(name: string, keyAuthorization: string): Promise<TlsCredentials> {
  const x509 = await loadX509();
  const privateKeyPem = await createKey('ecdsa-p256');
  const keys = importKeys(privateKeyPem);
  const digest = createHash('sha256').update(keyAuthorization).digest();
  // An OCTET STRING (tag 4) of 32 bytes.
  const value = Uint8Array.from([4, digest.length, ...digest]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['Lares'] }],
    // Nobody looks at its dates, and the clock may not be right yet.
    ...PINNED_VALIDITY,
    keys: keys.pair,
    signingAlgorithm: keys.algorithm,
    // RFC 8737 §3: one subjectAltName, the name being validated, and the critical acmeIdentifier.
    extensions: [
      new x509.SubjectAlternativeNameExtension([identifierOf(name)]),
      new x509.Extension(ACME_IDENTIFIER, true, value),
    ],
  });
  return { certificateChainPem: `${certificate.toString('pem')}\n`, privateKeyPem };
}

// RFC 7518 §3.4: ES256 signatures are R and S one after the other.
function signerOf(privateKeyPem: string): AcmeSigner {
  const key = createPrivateKey(privateKeyPem);
  return {
    alg: 'ES256',
    jwk: createPublicKey(key).export({ format: 'jwk' }) as Record<string, string>,
    sign: data => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
  };
}

type Algorithm = { readonly name: string; readonly hash: string; readonly namedCurve?: string };

interface Keys {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** The key in the form that @peculiar/x509 takes. */
function importKeys(privateKeyPem: string): { readonly pair: Keys; readonly algorithm: Algorithm } {
  const key = createPrivateKey(privateKeyPem);
  const isRsa = key.asymmetricKeyType === 'rsa';
  const algorithm: Algorithm = isRsa
    ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    : { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' };
  const privateKey = key.toCryptoKey(algorithm, true, ['sign']);
  const publicKey = createPublicKey(key).toCryptoKey(algorithm, true, ['verify']);
  return { pair: { privateKey, publicKey }, algorithm };
}
