import { expect, it } from 'vitest';
import { createFakeClock, settle } from '../../shared/appliance/testing/fakes.ts';
import type { SelfSignedCertificate } from '../../shared/components/certificates/self-signed.ts';
import type { Events } from './events.ts';
import { CERTIFICATE_CHECK_INTERVAL_MS } from './limits.ts';
import { keepRenewed } from './renewal.ts';

it('degrades health while the certificate cannot be renewed, and says until when the present one is good', async () => {
  const clock = createFakeClock(0);
  const told: string[] = [];
  let fault: Error | undefined = new Error('the volume is full');
  const certificate: SelfSignedCertificate = {
    credentials: () => ({ certificateChainPem: '', privateKeyPem: '' }),
    validUntilMs: () => Date.UTC(2027, 0, 31),
    async renewIfDue() {
      if (fault !== undefined) throw fault;
      return true;
    },
  };
  const health = {
    degrade: (key: string, reason: string) => void told.push(`${key}: ${reason}`),
    recover: (key: string) => void told.push(`${key} is over`),
  };
  const events: Pick<Events, 'certificateMade' | 'certificateFailed'> = {
    certificateMade: () => void told.push('made'),
    certificateFailed: error => void told.push(`failed: ${String(error)}`),
  };
  const renewal = keepRenewed(certificate, clock, health, events);
  await clock.advance(CERTIFICATE_CHECK_INTERVAL_MS);
  await settle();
  fault = undefined;
  await clock.advance(CERTIFICATE_CHECK_INTERVAL_MS);
  await settle();
  renewal.cancel();
  await clock.advance(10 * CERTIFICATE_CHECK_INTERVAL_MS);
  // Keys that begin with `renewal` are alerts of that kind.
  expect(told).toEqual([
    'failed: Error: the volume is full',
    'renewal-certificate: The certificate could not be renewed: the volume is full. The present one is good until 2027-01-31',
    'made',
    'renewal-certificate is over',
  ]);
});
