import type { CertificateStatus } from './certificates.ts';

/** A certificate on the status page: who signed it, until when, what comes next and what went wrong. */
export function certificateRows(status: CertificateStatus): (readonly [label: string, value: string])[] {
  const { names, issuer, notAfterMs, nextRenewalMs, state, problem, nextTryMs } = status;
  return [
    ['Names', names.join(', ')],
    ['Issuer', issuer],
    ['Good until', formatTime(notAfterMs)],
    ...(nextRenewalMs === undefined ? [] : [['Next renewal', formatTime(nextRenewalMs)] as const]),
    ['State', state],
    ...(problem === undefined ? [] : [['Last problem', problem] as const]),
    ...(nextTryMs === undefined ? [] : [['Next try', formatTime(nextTryMs)] as const]),
  ];
}

/** Minutes are enough: `2027-01-31 12:00 UTC`. */
function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
