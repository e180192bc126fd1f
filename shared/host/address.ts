import { isIPv6 } from 'node:net';
import type { Endpoint } from '../devices/tcp.ts';

/** '192.0.2.1:53' or '[2001:db8::1]:53', for messages. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
