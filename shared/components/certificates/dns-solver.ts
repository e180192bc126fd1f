import type { DnsChallengeSolver } from '../dns-update/dns-challenge-solver.ts';
import { createDnsUpdateSolver, type DnsUpdateDevices } from '../dns-update/dns-update-solver.ts';
import type { CertificatesConfiguration } from './configuration.ts';
import type { Secrets } from './secrets.ts';

/** The solver that `[certificates.dns]` describes; the secret is read when it is needed, so that its absence stops nothing else. */
export function dnsSolverOf(
  { dns }: CertificatesConfiguration,
  secrets: Secrets,
  devices: DnsUpdateDevices,
): DnsChallengeSolver | undefined {
  if (dns === undefined) return undefined;
  const open = async (): Promise<DnsChallengeSolver> => {
    const secret = await secrets.bytes(dns['key-secret'], 'base64');
    const key = { name: dns['key-name'], algorithm: dns['key-algorithm'], secret };
    return createDnsUpdateSolver({ server: { host: dns.server, port: dns.port }, key }, devices);
  };
  return {
    present: async (record, signal) => (await open()).present(record, signal),
    remove: async (record, signal) => (await open()).remove(record, signal),
  };
}
