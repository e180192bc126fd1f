import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSelfSignedCertificate, sha256Of } from './self-signed.ts';

describe('createSelfSignedCertificate()', () => {
  it('makes a P-256 server certificate for names and addresses that verifies with its own key', async () => {
    const made = await createSelfSignedCertificate({
      commonName: 'Lares web-service',
      names: ['lares.example', '192.0.2.7', '2001:db8::7'],
      usage: 'server',
    });
    const certificate = new X509Certificate(made.certificateChainPem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(made.privateKeyPem))).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(certificate.checkHost('lares.example')).toBe('lares.example');
    expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(certificate.checkIP('2001:db8::7')).toBe('2001:db8::7');
    expect(certificate.validTo).toContain('9999');
    expect(made.sha256).toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(sha256Of(made.certificateChainPem)).toBe(made.sha256);
  });

  it('never makes the same certificate twice', async () => {
    const options = { commonName: 'operator', names: [], usage: 'client' } as const;
    const [one, two] = await Promise.all([
      createSelfSignedCertificate(options),
      createSelfSignedCertificate(options),
    ]);
    expect(one.sha256).not.toBe(two.sha256);
    expect(new X509Certificate(one.certificateChainPem).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });
});
