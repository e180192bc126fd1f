import type { StatusSection } from '../../shared/appliance/service.ts';
import type { CertificateStatus } from '../../shared/components/certificates/certificates.ts';

/** The certificates on the status page: who signed each, until when, what comes next and what went wrong. */
export function certificateSections(certificates: readonly CertificateStatus[]): StatusSection[] {
  return certificates.map(certificate => ({
    title: `Certificate of ${certificate.names[0] ?? 'nobody'}`,
    rows: [
      ['Names', certificate.names.join(', ')],
      ['Issuer', certificate.issuer],
      ['Good until', formatTime(certificate.notAfterMs)],
      [
        'Next renewal',
        certificate.nextRenewalMs === undefined ? 'by itself' : formatTime(certificate.nextRenewalMs),
      ],
      ['State', certificate.state],
      ...(certificate.problem === undefined ? [] : [['Last problem', certificate.problem] as const]),
      ...(certificate.nextTryMs === undefined
        ? []
        : [['Next try', formatTime(certificate.nextTryMs)] as const]),
    ],
  }));
}

/** Minutes are enough: `2027-01-31 12:00 UTC`. */
function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
