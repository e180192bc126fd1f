import type { Health } from '../../shared/appliance/service.ts';
import type { SelfSignedCertificate } from '../../shared/components/certificates/self-signed.ts';
import type { Clock, Timer } from '../../shared/devices/clock.ts';
import type { Events } from './events.ts';
import { CERTIFICATE_CHECK_INTERVAL_MS } from './limits.ts';

/** The appliance's alerts know conditions of this beginning as failed renewals. */
const CONDITION = 'renewal-certificate';

/** Holds the certificate against the clock, and says on the status page where no new one can be made. */
export function keepRenewed(
  certificate: SelfSignedCertificate,
  clock: Clock,
  health: Health,
  events: Pick<Events, 'certificateMade' | 'certificateFailed'>,
): Timer {
  let timer: Timer | undefined;
  let cancelled = false;
  const check = async (): Promise<void> => {
    try {
      if (await certificate.renewIfDue()) events.certificateMade(certificate.validUntilMs());
      health.recover(CONDITION);
    } catch (error) {
      events.certificateFailed(error);
      const until = new Date(certificate.validUntilMs()).toISOString().slice(0, 10);
      const reason = error instanceof Error ? error.message : String(error);
      health.degrade(
        CONDITION,
        `The certificate could not be renewed: ${reason}. The present one is good until ${until}`,
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
