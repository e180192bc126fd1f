import { DeviceError, type DeviceErrorKind } from '../devices/device-error.ts';

const KIND_BY_CODE: Readonly<Record<string, DeviceErrorKind>> = {
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-available',
  EAFNOSUPPORT: 'address-not-available',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ETIMEDOUT: 'timed-out',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  EMSGSIZE: 'too-large',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  ENOENT: 'not-found',
  EMFILE: 'busy',
  ENFILE: 'busy',
  ENOBUFS: 'busy',
};

/** 'ECONNREFUSED' and so on, where `error` is one of the system's. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** `cause` as a device's fault: its kind by the system's code, its message `what` and that code. */
export function toDeviceError(cause: unknown, what: string): DeviceError {
  if (cause instanceof DeviceError) return cause;
  const code = systemErrorCode(cause);
  const kind = (code === undefined ? undefined : KIND_BY_CODE[code]) ?? 'failed';
  const reason = code ?? (cause instanceof Error ? cause.message : String(cause));
  return new DeviceError(kind, `${what}: ${reason}`, { cause });
}
