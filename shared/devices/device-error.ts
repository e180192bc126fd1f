import { OperationalError } from '../base/operational-error.ts';

/** Why a device could not do what was asked. The kinds are closed so that callers can tell what a retry may help. */
export type DeviceErrorKind =
  | 'address-in-use'
  | 'address-not-available'
  | 'permission-denied'
  | 'refused'
  | 'unreachable'
  | 'timed-out'
  | 'reset'
  | 'name-not-found'
  | 'name-server-failed'
  | 'not-trusted'
  | 'handshake-failed'
  | 'too-large'
  | 'no-space'
  | 'not-found'
  | 'corrupt'
  | 'closed'
  | 'busy'
  | 'failed';

const TEMPORARY: ReadonlySet<DeviceErrorKind> = new Set<DeviceErrorKind>([
  'refused',
  'unreachable',
  'timed-out',
  'reset',
  'name-server-failed',
  'busy',
]);

/** An operational fault of a device: what failed, where, and (as `cause`) what the system said. */
export class DeviceError extends OperationalError {
  override name = 'DeviceError';
  readonly kind: DeviceErrorKind;

  constructor(kind: DeviceErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get temporary(): boolean {
    return TEMPORARY.has(this.kind);
  }
}
