import type { Endpoint } from '../devices/tcp.ts';
import { isIpv4, isLoopback, normalizeAddress } from './addresses.ts';
import { networkFault } from './faults.ts';
import type { Binding, Site } from './network.ts';

const PORT_COUNT = 65_536;
/** Linux's ephemeral range. */
const EPHEMERAL_PORTS = [32_768, 60_999] as const;

/** Binds as the kernel does. @throws DeviceError `address-not-available`, `address-in-use`, naming host and port. */
export function bindTo<Handler>(
  site: Site,
  table: Binding<Handler>[],
  wanted: Endpoint,
  handler: Handler,
): Binding<Handler> {
  const host = normalizeAddress(wanted.host);
  if (!isWildcard(host) && !isLoopback(host) && !site.addresses.includes(host))
    throw networkFault(
      'address-not-available',
      `${site.name} has no address ${host} to bind port ${wanted.port} on`,
    );
  const endpoint = { host, port: wanted.port === 0 ? takeFreePort(site, table) : wanted.port };
  if (endpoint.port >= PORT_COUNT || table.some(other => collides(other.endpoint, endpoint)))
    throw networkFault('address-in-use', `${host} port ${endpoint.port} is in use on ${site.name}`);
  const binding = { endpoint, handler };
  table.push(binding);
  return binding;
}

export function unbind<Handler>(table: Binding<Handler>[], binding: Binding<Handler>): void {
  const index = table.indexOf(binding);
  if (index >= 0) table.splice(index, 1);
}

/** What answers at `to`: the exact address before a wildcard. */
export function findBinding<Handler>(
  table: readonly Binding<Handler>[],
  to: Endpoint,
): Binding<Handler> | undefined {
  const candidates = table.filter(({ endpoint }) => endpoint.port === to.port);
  return (
    candidates.find(({ endpoint }) => endpoint.host === to.host) ??
    candidates.find(
      ({ endpoint }) => endpoint.host === '::' || (endpoint.host === '0.0.0.0' && isIpv4(to.host)),
    )
  );
}

/** The next ephemeral port that nothing in `table` holds. */
export function takeFreePort(site: Site, table: readonly Binding<unknown>[]): number {
  for (;;) {
    const port = Math.max(site.nextPort, EPHEMERAL_PORTS[0]);
    site.nextPort = port >= EPHEMERAL_PORTS[1] ? 0 : port + 1;
    if (!table.some(({ endpoint }) => endpoint.port === port)) return port;
  }
}

/** '::' takes IPv4 as well, so a peer with an IPv4 address is shown as IPv4-mapped, as Node shows it. */
export function addressAsSeenBy(bound: Endpoint, address: string): string {
  return bound.host === '::' && isIpv4(address) ? `::ffff:${address}` : address;
}

function isWildcard(host: string): boolean {
  return host === '::' || host === '0.0.0.0';
}

function collides(left: Endpoint, right: Endpoint): boolean {
  if (left.port !== right.port) return false;
  if (left.host === right.host || left.host === '::' || right.host === '::') return true;
  const anyIpv4 = left.host === '0.0.0.0' || right.host === '0.0.0.0';
  return anyIpv4 && isIpv4(left.host) && isIpv4(right.host);
}
