import { DeviceError, type DeviceErrorKind } from '../devices/device-error.ts';

const codes: Partial<Record<DeviceErrorKind, string>> = {
  'address-in-use': 'EADDRINUSE',
  'address-not-available': 'EADDRNOTAVAIL',
  refused: 'ECONNREFUSED',
  unreachable: 'EHOSTUNREACH',
  'timed-out': 'ETIMEDOUT',
  reset: 'ECONNRESET',
};

/** A fault of the simulated network with the `code` that libraries written for Node's sockets look at. */
export function networkFault(kind: DeviceErrorKind, message: string): DeviceError {
  const code = codes[kind];
  return Object.assign(new DeviceError(kind, message), code === undefined ? {} : { code });
}
