import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateIdOf } from './certificate-id.ts';
import { readRenewalInfo, renewalInfoUrl } from './renewal-info.ts';

// The certificate of RFC 9773 Appendix A.
const PEM = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----`;

describe('what a certificate is called', () => {
  it('is as RFC 9773 §4.1 has it, the zero before the serial number included', () => {
    expect(certificateIdOf(new X509Certificate(PEM).raw)).toBe('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
  });

  it('is not known of bytes that are no certificate, and finding out never throws', () => {
    const whole = new X509Certificate(PEM).raw;
    for (let length = 0; length < whole.length; length++) certificateIdOf(whole.subarray(0, length));
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(whole.length - 1), (noise, at) => {
        expect(certificateIdOf(noise)).toBeUndefined();
        const changed = Uint8Array.from(whole);
        changed.set(noise.subarray(0, whole.length - at), at);
        certificateIdOf(changed);
      }),
    );
  });
});

describe('renewal information', () => {
  const read = (start: unknown, end: unknown, more = {}) =>
    readRenewalInfo({ suggestedWindow: { start, end }, ...more });

  it('tells a window (RFC 9773 §4.2)', () => {
    expect(
      read('2021-01-03T00:00:00Z', '2021-01-07T01:30:00.123+01:30', {
        explanationURL: 'https://acme.example.com/docs/ari',
      }),
    ).toEqual({
      startMs: Date.UTC(2021, 0, 3),
      endMs: Date.UTC(2021, 0, 7),
      explanationUrl: 'https://acme.example.com/docs/ari',
    });
  });

  it('reads every day right', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date(Date.UTC(2200, 0)), noInvalidDate: true }),
        date => {
          const start = `${date.toISOString().slice(0, 19)}Z`;
          expect(read(start, '2999-01-01T00:00:00Z')?.startMs).toBe(
            Math.floor(date.getTime() / 1_000) * 1_000,
          );
        },
      ),
    );
  });

  it.each([
    ['2021-01-03T00:00:00Z', '2021-01-03T00:00:00Z'],
    ['2021-01-04T00:00:00Z', '2021-01-03T00:00:00Z'],
    ['2021-13-03T00:00:00Z', '2022-01-03T00:00:00Z'],
    ['yesterday', '2021-01-03T00:00:00Z'],
    [undefined, 7],
  ])('is none where the window is %s to %s', (start, end) => expect(read(start, end)).toBeUndefined());

  it('is asked for at a place of its own for each certificate', () => {
    expect(renewalInfoUrl('https://ca.test/ari', 'a.b')).toBe('https://ca.test/ari/a.b');
    expect(renewalInfoUrl('https://ca.test/ari/', 'a.b')).toBe('https://ca.test/ari/a.b');
  });
});
