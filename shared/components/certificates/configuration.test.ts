import { describe, expect, it } from 'vitest';
import { certificatesConfiguration } from './configuration.ts';

describe('the [certificates] table', () => {
  it('may be left out', () => {
    expect(certificatesConfiguration.parse(undefined)).toEqual({
      'trust-anchors': [],
      challenges: ['tls-alpn-01', 'http-01'],
      'key-type': 'ecdsa-p256',
    });
  });

  const dns = { server: 'ns1.lares.dev', 'key-name': 'acme.', 'key-secret': 'dns-update' };
  it.each([
    [{ ca: 'staging' }],
    [{ ca: ['letsencrypt', 'https://ca.lares.dev/directory'] }],
    [{ email: 'you@lares.dev', profile: 'shortlived' }],
    [{ challenges: ['dns-01'], dns }],
    [{ 'external-account': { 'key-id': 'x', 'key-secret': 'authority' } }],
  ])('takes %j', table => expect(certificatesConfiguration.safeParse(table).success).toBe(true));

  it.each([
    [{ ca: 'letsencrpyt' }],
    [{ ca: 'http://ca.lares.dev/directory' }],
    [{ ca: [] }],
    [{ email: 'nobody' }],
    [{ challenges: [] }],
    [{ challenges: ['dns-01'] }],
    [{ challenges: ['dns-02'] }],
    [{ 'key-type': 'rsa-1024' }],
    [{ challenges: ['dns-01'], dns: { ...dns, 'key-secret': 'c2VjcmV0IGluIHRoZSBmaWxl==' } }],
    [{ dns: { ...dns, secret: 'x' } }],
    [{ 'trust-anchors': ['not PEM'] }],
    [{ port: 1 }],
  ])('refuses %j', table => expect(certificatesConfiguration.safeParse(table).success).toBe(false));
});
