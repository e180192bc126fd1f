import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { CertificateMaker } from '../../../../shared/components/x509/certificate-maker.ts';
import { sha256Of } from '../../../../shared/components/x509/self-signed.ts';
import type { Random } from '../../../../shared/devices/random.ts';
import type { TlsCredentials } from '../../../../shared/devices/tls.ts';
import type { AcmeSigner } from '../../../../shared/protocols/acme/jws.ts';
import {
  encodeCertificate,
  extension,
  publicKeyDerOf,
  toPem,
} from '../../../../shared/simulation/acme-authority/certificate.ts';
import { octetString } from '../../../../shared/simulation/acme-authority/der.ts';
import { seededKey } from '../../../../shared/simulation/acme-authority/seeded-key.ts';
import { encodeSigningRequest } from '../../../../shared/simulation/acme-authority/signing-request.ts';
import { ACME_IDENTIFIER } from '../../../../shared/simulation/acme-authority/validation.ts';

/** Makes Ed25519 keys from the world's chance: the same seed gives the same bytes, and a hundred take a few milliseconds. */
export function createSeededMaker(random: Random): CertificateMaker {
  const freshKey = (): KeyObject => seededKey(random.bytes(32));
  const signers = new Map<string, AcmeSigner>();
  return {
    createKey: async () => pemOf(freshKey()),
    createRequest: async (names, privateKeyPem) =>
      encodeSigningRequest(names, createPrivateKey(privateKeyPem)),
    createValidationCertificate: async (name, keyAuthorization) => {
      const digest = createHash('sha256').update(keyAuthorization).digest();
      const proof = extension(ACME_IDENTIFIER, octetString(digest), true);
      return selfSigned(freshKey(), { names: [name], ...ALWAYS, extensions: [proof] });
    },
    createSelfSigned: async ({ names, validity }) => {
      const times =
        validity === undefined
          ? ALWAYS
          : { notBeforeMs: validity.notBefore.getTime(), notAfterMs: validity.notAfter.getTime() };
      const made = selfSigned(freshKey(), { names, ...times });
      return { ...made, sha256: sha256Of(made.certificateChainPem) };
    },
    signerOf(privateKeyPem) {
      // The account's key signs thousands of requests.
      const signer = signers.get(privateKeyPem) ?? createSigner(createPrivateKey(privateKeyPem));
      signers.set(privateKeyPem, signer);
      return signer;
    },
  };
}

/** RFC 8037 §3.1. */
function createSigner(key: KeyObject): AcmeSigner {
  const jwk = createPublicKey(key).export({ format: 'jwk' }) as Record<string, string>;
  return { alg: 'EdDSA', jwk, sign: data => sign(null, data, key) };
}

/** 2026 to 2046: longer than any story. */
const ALWAYS = { notBeforeMs: 1_767_225_600_000, notAfterMs: 2_398_377_600_000 } as const;

interface Content {
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions?: readonly Uint8Array[];
}

function selfSigned(key: KeyObject, content: Content): TlsCredentials {
  const subject = 'Lares';
  const der = encodeCertificate(
    { serial: Uint8Array.of(1), subject, publicKeyDer: publicKeyDerOf(key), ...content },
    { name: subject, key },
  );
  return { certificateChainPem: toPem('CERTIFICATE', der), privateKeyPem: pemOf(key) };
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' });
}
