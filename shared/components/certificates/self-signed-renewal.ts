import type { Clock } from '../../devices/clock.ts';
import type { Log } from '../../devices/log.ts';
import type { CertificateHealth } from './certificates.ts';
import { CONDITION } from './health.ts';
import type { NameSet } from './name-set.ts';

/** The clock may be set right at any time; a certificate from before that is replaced within so long. */
const CHECK_INTERVAL_MS = 3 * 3_600_000;

interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly health: CertificateHealth;
  readonly listeners: ReadonlySet<() => void>;
  readonly signal: AbortSignal;
}

/** Holds the self-signed certificates against the clock until the signal. */
export async function keepSelfSigned(sets: readonly NameSet[], around: Surroundings): Promise<void> {
  const { clock, signal } = around;
  while (!signal.aborted) {
    await clock.sleep(CHECK_INTERVAL_MS, signal).catch(() => undefined);
    if (!signal.aborted) await renewDue(sets, around);
  }
}

async function renewDue(sets: readonly NameSet[], { log, health, listeners }: Surroundings): Promise<void> {
  try {
    const renewed = await Promise.all(sets.map(({ own }) => own.renewIfDue()));
    if (renewed.includes(true)) for (const listener of listeners) listener();
    health.recover(CONDITION);
  } catch (error) {
    log.warn({ error }, 'self-signed certificate could not be renewed');
    health.degrade(CONDITION, `A self-signed certificate could not be renewed: ${(error as Error).message}`);
  }
}
