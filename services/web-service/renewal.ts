import type { Health } from '../../shared/appliance/service.ts';
import type { SelfSignedCertificate } from '../../shared/components/certificates/self-signed.ts';
import type { Clock, Timer } from '../../shared/devices/clock.ts';
import type { Events } from './events.ts';
import { CERTIFICATE_CHECK_INTERVAL_MS } from './limits.ts';

/** Holds the certificate against the clock, and says on the status page where no new one can be made. */
export function keepRenewed(
  certificate: SelfSignedCertificate,
  clock: Clock,
  health: Health,
  events: Events,
): Timer {
  let timer: Timer | undefined;
  let cancelled = false;
  const check = async (): Promise<void> => {
    try {
      if (await certificate.renewIfDue()) events.certificateMade(certificate.validUntilMs());
      health.recover('certificate');
    } catch (error) {
      events.certificateFailed(error);
      health.degrade(
        'certificate',
        'no new certificate could be kept; the present one goes on until it expires',
      );
    }
  };
  const later = (): void => {
    if (!cancelled) timer = clock.timer(CERTIFICATE_CHECK_INTERVAL_MS, () => void check().then(later));
  };
  later();
  const cancel = (): void => {
    cancelled = true;
    timer?.cancel();
  };
  return { cancel, [Symbol.dispose]: cancel };
}
