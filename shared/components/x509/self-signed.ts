import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type { TlsCredentials } from '../../devices/tls.ts';
import { identifierOf } from '../../protocols/acme/identifier.ts';
import { loadX509 } from './library.ts';

export interface SelfSignedOptions {
  /** Shown to people; becomes CN. Letters, digits, spaces, dots and dashes. */
  readonly commonName: string;
  /** DNS names and numeric addresses that the certificate stands for (RFC 5280 §4.2.1.6). */
  readonly names: readonly string[];
  readonly usage: 'server' | 'client';
  /** The default is {@link PINNED_VALIDITY}: for certificates that are known by their fingerprint. */
  readonly validity?: { readonly notBefore: Date; readonly notAfter: Date };
}

export interface SelfSigned extends TlsCredentials {
  /** SHA-256 of the DER, lower-case hex: what is pinned. */
  readonly sha256: string;
}

/**
 * A pinned certificate must not depend on a clock that may be wrong at first start, so it is valid always.
 * RFC 5280 §4.1.2.5: 99991231235959Z says that there is no well-defined expiration date.
 */
export const PINNED_VALIDITY = {
  notBefore: new Date(Date.UTC(2026, 0, 1)),
  notAfter: new Date(Date.UTC(9999, 11, 31, 23, 59, 59)),
} as const;

/** A fresh ECDSA P-256 key and a certificate that it signs itself. */
export async function createSelfSignedCertificate(options: SelfSignedOptions): Promise<SelfSigned> {
  const x509 = await loadX509();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = options.validity ?? PINNED_VALIDITY;
  const purpose =
    options.usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [options.commonName] }],
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purpose]),
      ...(options.names.length > 0
        ? [new x509.SubjectAlternativeNameExtension(options.names.map(identifierOf))]
        : []),
    ],
  });
  const certificateChainPem = `${certificate.toString('pem')}\n`;
  return {
    certificateChainPem,
    privateKeyPem: await exportKey(keys.privateKey),
    sha256: sha256Of(certificateChainPem),
  };
}

/** SHA-256 over the DER of the first certificate in `pem`, lower-case hex. */
export function sha256Of(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}

async function exportKey(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  const imported = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return imported.export({ format: 'pem', type: 'pkcs8' });
}
