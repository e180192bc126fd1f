import type { LogRecord } from '../../devices/log.ts';
import type { PlatformFacts } from '../../devices/platform.ts';
import type { HealthReason, HealthState } from '../health/health-core.ts';
import type { StatusSection } from '../service.ts';

/** Everything that the status page and `/status` as JSON tell: plain data. */
export interface StatusReport {
  readonly service: string;
  readonly state: HealthState;
  readonly timeMs: number;
  readonly reasons: readonly HealthReason[];
  /** One line a fault; the service is not started while there are any. */
  readonly configurationFaults: readonly string[];
  /** Where the configuration came from, for people. */
  readonly configurationOrigin: string;
  readonly urls: readonly string[];
  readonly sections: readonly StatusSection[];
  readonly machine: PlatformFacts;
  readonly disk: DiskStatus | undefined;
  readonly log: readonly LogRecord[];
  readonly nextSteps: readonly NextStep[];
  /** SHA-256 of the appliance's own certificate, hexadecimal. */
  readonly fingerprint: string;
  readonly operators: readonly string[];
}

export interface DiskStatus {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** At the present rate; undefined where it is not filling or too little is known. */
  readonly daysUntilFull: number | undefined;
}

/** Something worth doing, with how. */
export interface NextStep {
  readonly title: string;
  readonly how: string;
}
