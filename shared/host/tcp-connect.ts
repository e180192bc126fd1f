import { connect, isIP, isIPv6, type Socket } from 'node:net';
import { DeviceError } from '../devices/device-error.ts';
import { CONNECT_TIMEOUT_DEFAULT_MS, type ConnectOptions, type Endpoint, type Flow } from '../devices/tcp.ts';
import { formatEndpoint } from './address.ts';
import { toDeviceError } from './system-error.ts';

/** The numeric addresses of a name, best first; empty where it has none. @throws DeviceError of the Resolver. */
export type AddressLookup = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

// RFC 8305 §5: one attempt follows the other after the Connection Attempt Delay, 250 ms.
const ATTEMPT_DELAY_MS = 250;

/** More addresses than this add only waiting: with the delay above, twelve are all begun within three seconds. */
const ADDRESSES_MAX = 12;

export async function connectFlow(options: ConnectOptions, lookup: AddressLookup): Promise<Flow> {
  options.signal?.throwIfAborted();
  const timeoutMs = options.timeoutMs ?? CONNECT_TIMEOUT_DEFAULT_MS;
  const limit = new AbortController();
  const timer = setTimeout(
    () =>
      limit.abort(
        new DeviceError('timed-out', `no connection to ${formatEndpoint(options)} within ${timeoutMs} ms`),
      ),
    timeoutMs,
  );
  const signal =
    options.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, options.signal]);
  try {
    return await race(await addressesOf(options, lookup, signal), options, signal);
  } finally {
    clearTimeout(timer);
  }
}

async function addressesOf(
  to: Endpoint,
  lookup: AddressLookup,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (isIP(to.host) !== 0) return [to.host];
  const addresses = interleave(await lookup(to.host, signal));
  if (addresses.length === 0) throw new DeviceError('name-not-found', `${to.host} has no address`);
  return addresses.slice(0, ADDRESSES_MAX);
}

/** RFC 8305 §4: the families take turns, IPv6 first, each in the order given. */
function interleave(addresses: readonly string[]): string[] {
  const sixes = addresses.filter(isIPv6);
  const fours = addresses.filter(address => !isIPv6(address));
  const mixed: string[] = [];
  for (let index = 0; index < Math.max(sixes.length, fours.length); index++) {
    mixed.push(...sixes.slice(index, index + 1), ...fours.slice(index, index + 1));
  }
  return mixed;
}

/** Starts an attempt at each address in turn, the next one after a failure or the delay; the first to open wins. */
function race(addresses: readonly string[], to: Endpoint, signal: AbortSignal): Promise<Flow> {
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    let next = 0;
    let delay: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(delay);
      signal.removeEventListener('abort', onAbort);
      for (const socket of open) socket.destroy();
      open.clear();
    };
    const onAbort = (): void => {
      finish();
      reject(signal.reason as Error);
    };
    const attempt = (): void => {
      clearTimeout(delay);
      const host = addresses[next++];
      if (host === undefined) return;
      if (next < addresses.length) delay = setTimeout(attempt, ATTEMPT_DELAY_MS);
      const socket = connect({ host, port: to.port, noDelay: true, allowHalfOpen: true });
      open.add(socket);
      socket.once('connect', () => {
        open.delete(socket);
        finish();
        resolve(socket);
      });
      // Stays on for the life of the flow: its taker adds one more, and a reset in between must not end the process.
      socket.on('error', cause => {
        if (!open.delete(socket)) return;
        if (next < addresses.length) return attempt();
        if (open.size > 0) return;
        finish();
        reject(toDeviceError(cause, `cannot connect to ${formatEndpoint({ host, port: to.port })}`));
      });
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    attempt();
  });
}
