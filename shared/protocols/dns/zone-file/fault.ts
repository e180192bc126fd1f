import { FAULTS_MAX, MESSAGE_MAX_CHARACTERS } from './limits.ts';

/** Where something stands. `file` as the reader of files knows it; the zone's name where it came by transfer or update. */
export interface Place {
  readonly file: string;
  /** From 1 on; 0 where there are no lines. */
  readonly line: number;
}

/** What is wrong with a zone, for the person who wrote it. */
export interface ZoneFault extends Place {
  /** What was broken: `RFC 2181 §10.1`. */
  readonly rule: string;
  /** What is wrong and what would be right, without a final full stop. */
  readonly message: string;
}

/** `zones/example.org:12: a CNAME stands alone … (RFC 2181 §10.1)`. */
export function formatZoneFault({ file, line, rule, message }: ZoneFault): string {
  return `${line === 0 ? file : `${file}:${line}`}: ${message} (${rule})`;
}

/** Gathers faults. A zone with errors is refused; warnings are told and the zone is served. */
export class FaultList {
  /** The first {@link FAULTS_MAX}, in the order found. */
  readonly errors: ZoneFault[] = [];
  /** The first {@link FAULTS_MAX}, in the order found. */
  readonly warnings: ZoneFault[] = [];
  /** All that were found. */
  errorCount: number = 0;
  warningCount: number = 0;

  error(place: Place, rule: string, message: string): void {
    this.errorCount++;
    keep(this.errors, place, { rule, message });
  }

  warn(place: Place, rule: string, message: string): void {
    this.warningCount++;
    keep(this.warnings, place, { rule, message });
  }
}

function keep(faults: ZoneFault[], { file, line }: Place, what: Pick<ZoneFault, 'rule' | 'message'>): void {
  if (faults.length === FAULTS_MAX) return;
  const message =
    what.message.length > MESSAGE_MAX_CHARACTERS
      ? `${what.message.slice(0, MESSAGE_MAX_CHARACTERS)} …`
      : what.message;
  faults.push({ file, line, rule: what.rule, message });
}
