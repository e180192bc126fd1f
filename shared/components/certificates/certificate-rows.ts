import { formatMinute } from '../times/format-minute.ts';
import type { CertificateStatus } from './certificates.ts';

/** A certificate on the status page: who signed it, until when, what comes next and what went wrong. */
export function certificateRows(status: CertificateStatus): (readonly [label: string, value: string])[] {
  const { names, issuer, notAfterMs, nextRenewalMs, state, problem, nextTryMs } = status;
  return [
    ['Names', names.join(', ')],
    ['Issuer', issuer],
    ['Good until', formatMinute(notAfterMs)],
    ...(nextRenewalMs === undefined ? [] : [['Next renewal', formatMinute(nextRenewalMs)] as const]),
    ['State', state],
    ...(problem === undefined ? [] : [['Last problem', problem] as const]),
    ...(nextTryMs === undefined ? [] : [['Next try', formatMinute(nextTryMs)] as const]),
  ];
}
