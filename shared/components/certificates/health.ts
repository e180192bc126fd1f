import type { CertificateHealth } from './certificates.ts';
import type { Events } from './events.ts';
import { statusOf, type NameSet } from './name-set.ts';

/** The appliance's alerts know conditions of this beginning as failed renewals. */
export const CONDITION = 'renewal-certificate';

/** An authority that is away for an hour is nobody's worry while a certificate is good for days. */
const FAILURES_UNSAID = 3;

/** Says in health and metrics how it stands with one set of names. */
export function reportHealth(
  set: NameSet,
  { health, events }: { readonly health: CertificateHealth; readonly events: Events },
): void {
  const status = statusOf(set);
  events.measured(set.names, status.notAfterMs, status.nextRenewalMs);
  const condition = `${CONDITION}-${set.names[0] ?? ''}`;
  const failures = set.keeper?.view().failures ?? 0;
  const { problem } = status;
  if (problem === undefined) return health.recover(condition);
  if (set.issued !== undefined && failures <= FAILURES_UNSAID) return;
  health.degrade(condition, sentenceFor(set, problem));
}

function sentenceFor(set: NameSet, problem: string): string {
  const name = set.names[0] ?? '';
  const { issued } = set;
  const shown =
    issued === undefined
      ? 'A self-signed one is shown meanwhile'
      : `The present one is good until ${dayOf(issued.facts.notAfterMs)}`;
  return `There is no new certificate for ${name}: ${problem}. ${shown}`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
