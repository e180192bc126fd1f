import { createHash, createPrivateKey, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCertificateMaker } from './certificate-maker.ts';
import { loadX509 } from './library.ts';

const maker = createCertificateMaker();
const names = ['lares.test', '*.lares.test', '192.0.2.7', '2001:db8::7'];

describe('a certification request', () => {
  it.each(['ecdsa-p256', 'rsa-2048'] as const)(
    'with %s is signed by its key and lists the names',
    async type => {
      const x509 = await loadX509();
      const key = await maker.createKey(type);
      const request = new x509.Pkcs10CertificateRequest(Buffer.from(await maker.createRequest(names, key)));
      expect(await request.verify()).toBe(true);
      const own = createPublicKey(createPrivateKey(key)).export({ format: 'der', type: 'spki' });
      expect(Buffer.from(request.publicKey.rawData).equals(own)).toBe(true);
      const [extension] = request.extensions;
      expect(extension).toBeInstanceOf(x509.SubjectAlternativeNameExtension);
      const shown = (extension as InstanceType<typeof x509.SubjectAlternativeNameExtension>).names.toJSON();
      expect(shown.map(({ value }) => value)).toEqual(names);
    },
  );
});

describe('a validation certificate (RFC 8737 §3)', () => {
  it.each([
    ['lares.test', 'DNS:lares.test'],
    ['192.0.2.7', 'IP Address:192.0.2.7'],
  ])('for %s names it alone, and its critical acmeIdentifier is the digest', async (name, shown) => {
    const x509 = await loadX509();
    const { certificateChainPem, privateKeyPem } = await maker.createValidationCertificate(
      name,
      'token.thumbprint',
    );
    const certificate = new X509Certificate(certificateChainPem);
    expect(certificate.subjectAltName).toBe(shown);
    expect(certificate.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
    const extension = new x509.X509Certificate(certificateChainPem).getExtension('1.3.6.1.5.5.7.1.31');
    const digest = createHash('sha256').update('token.thumbprint').digest();
    expect(extension?.critical).toBe(true);
    expect(Buffer.from(extension?.value ?? new ArrayBuffer())).toEqual(
      Buffer.concat([Buffer.of(4, 32), digest]),
    );
  });
});

it('signs for an account in the form of RFC 7518 §3.4', async () => {
  const signer = maker.signerOf(await maker.createKey('ecdsa-p256'));
  const data = Buffer.from('data');
  const signature = signer.sign(data);
  expect(signature).toHaveLength(64);
  const key = createPublicKey({ key: { ...signer.jwk }, format: 'jwk' });
  expect(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
  expect(Object.keys(signer.jwk).toSorted()).toEqual(['crv', 'kty', 'x', 'y']);
});
