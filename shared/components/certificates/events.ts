import type { Devices } from '../../devices/devices.ts';

/** What happens to certificates, one function for each event that people or alerts want to know. */
export interface Events {
  issued(names: readonly string[], issuer: string, notAfterMs: number): void;
  attemptFailed(names: readonly string[], authority: string, kind: string, reason: string): void;
  windowTold(names: readonly string[], window: string): void;
  doubted(names: readonly string[], doubts: readonly string[]): void;
  keeperFailed(error: unknown): void;
  /** Seconds since 1970, as Prometheus has times. */
  measured(names: readonly string[], notAfterMs: number, renewalMs: number | undefined): void;
}

export function createEvents({ log, metrics }: Pick<Devices, 'log' | 'metrics'>): Events {
  const issued = metrics.counter('lares_certificates_issued_total', 'Certificates that authorities gave');
  const failed = metrics.counter('lares_certificate_attempts_failed_total', 'Attempts to get one in vain', [
    'kind',
  ]);
  const notAfter = metrics.gauge(
    'lares_certificate_not_after_seconds',
    'When the certificate shown for a name ends, in seconds since 1970',
    ['name'],
  );
  const renewal = metrics.gauge(
    'lares_certificate_renewal_seconds',
    'When the next certificate for a name is asked for, in seconds since 1970',
    ['name'],
  );
  return {
    issued(names, issuer, notAfterMs) {
      issued.add();
      log.info({ names, issuer, validUntil: new Date(notAfterMs).toISOString() }, 'certificate issued');
    },
    attemptFailed(names, authority, kind, reason) {
      failed.add(1, { kind });
      log.warn({ names, authority, kind, reason }, 'no certificate this time');
    },
    windowTold: (names, window) => log.info({ names, window }, 'the authority told when to renew'),
    doubted: (names, doubts) => log.warn({ names, doubts }, 'a certificate may be refused'),
    keeperFailed: error => log.error({ error }, 'keeping a certificate failed'),
    measured(names, notAfterMs, renewalMs) {
      const labels = { name: names[0] ?? '' };
      notAfter.set(notAfterMs / 1_000, labels);
      if (renewalMs !== undefined) renewal.set(renewalMs / 1_000, labels);
    },
  };
}
