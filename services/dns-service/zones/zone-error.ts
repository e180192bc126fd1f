import { OperationalError } from '../../../shared/base/operational-error.ts';

/** A zone cannot be served, or not changed, as it is; the message says what would be right. */
export class ZoneError extends OperationalError {
  override name = 'ZoneError';
}
