import type { Lease, LeasedRoute } from '../../protocols/dhcp/lease.ts';
import type { Binding } from '../../protocols/dhcp6/reply.ts';
import { formatAddress, parseAddress, parsePrefix } from '../../protocols/ip/address.ts';
import type { Request, Route } from '../../protocols/netlink/requests.ts';
import {
  addAddressRequest,
  addRouteRequest,
  linkUpRequest,
  removeAddressRequest,
  removeRouteRequest,
} from '../../protocols/netlink/requests.ts';
import type { NetworkTable } from '../network-configuration.ts';
import type { RouteNetlink } from './route-netlink.ts';

export interface LinkConfigurator {
  applyStatic(configuration: NetworkTable): void;
  applyLease(lease: Lease): void;
  removeLease(lease: Lease): void;
  applyBinding(binding: Binding): void;
  removeAddress(address: Uint8Array, prefixLength: number): void;
}

/** Where several links have a default route, the first one up wins by its lower number. */
const METRIC_BASE = 100;
/**
 * The kernel drops an expired address by itself, even where this program hangs (RFC 2131 §4.4.5: an address without a
 * lease must not be used).
 */
const GRACE_SECONDS = 2;

/** Turns what DHCP, DHCPv6 and the configuration say into requests to the kernel, one after another. */
export function createLinkConfigurator(link: {
  readonly index: number;
  readonly name: string;
  readonly netlink: RouteNetlink;
  readonly note: (text: string) => void;
}): LinkConfigurator {
  const { index, netlink, note } = link;
  // In order: a route through a gateway needs the address before it.
  let queue: Promise<void> = Promise.resolve();
  const ask = (request: Request, about: string): void => {
    queue = queue.then(() => netlink.ask(request, about)).catch((reason: unknown) => note(String(reason)));
  };
  // A lease that ended may find its address gone already; that is what was wanted.
  const askQuietly = (request: Request, about: string): void => {
    queue = queue.then(() => netlink.ask(request, about)).catch(() => {});
  };
  const routeOf = (route: LeasedRoute): Route => ({
    index,
    family: 'ipv4',
    metric: METRIC_BASE + index,
    origin: 'dhcp',
    prefixLength: route.prefixLength,
    ...(route.prefixLength > 0 && { destination: route.destination }),
    ...(route.gateway !== undefined && { gateway: route.gateway }),
  });
  return {
    applyStatic: configuration => applyStatic(configuration, index, ask),
    applyLease(lease) {
      if (lease.mtuBytes !== undefined) ask(linkUpRequest(index, lease.mtuBytes), `mtu ${lease.mtuBytes}`);
      ask(addAddressRequest({ index, ...addressOf(lease) }), `address ${formatAddress(lease.address)}`);
      for (const route of lease.routes) ask(addRouteRequest(routeOf(route)), describe(route));
    },
    removeLease(lease) {
      for (const route of lease.routes) askQuietly(removeRouteRequest(routeOf(route)), describe(route));
      askQuietly(removeAddressRequest({ index, ...addressOf(lease) }), formatAddress(lease.address));
    },
    applyBinding(binding) {
      const { address, validSeconds, preferredSeconds } = binding;
      // RFC 8415 §18.2.10.1: the address's prefix is on no link; routes come from router advertisements alone.
      const lifetimes = finiteLifetimes(validSeconds, preferredSeconds);
      ask(addAddressRequest({ index, address, prefixLength: 128, ...lifetimes }), formatAddress(address));
    },
    removeAddress: (address, prefixLength) =>
      askQuietly(removeAddressRequest({ index, address, prefixLength }), formatAddress(address)),
  };
}

function addressOf(lease: Lease): {
  readonly address: Uint8Array;
  readonly prefixLength: number;
  readonly broadcast?: Uint8Array;
  readonly validSeconds?: number;
  readonly preferredSeconds?: number;
} {
  const seconds = lease.leaseSeconds + GRACE_SECONDS;
  return {
    address: lease.address,
    prefixLength: lease.prefixLength,
    ...(lease.broadcast !== undefined && { broadcast: lease.broadcast }),
    ...finiteLifetimes(seconds, seconds),
  };
}

function finiteLifetimes(
  validSeconds: number,
  preferredSeconds: number,
): { readonly validSeconds?: number; readonly preferredSeconds?: number } {
  return {
    ...(Number.isFinite(validSeconds) && { validSeconds }),
    ...(Number.isFinite(preferredSeconds) && { preferredSeconds }),
  };
}

function applyStatic(
  configuration: NetworkTable,
  index: number,
  ask: (request: Request, about: string) => void,
): void {
  const isWanted = (address: Uint8Array): boolean =>
    (address.length === 4 ? configuration.ipv4 : configuration.ipv6) === 'static';
  for (const text of configuration.addresses) {
    const prefix = parsePrefix(text);
    if (prefix === undefined || !isWanted(prefix.address)) continue;
    ask(
      addAddressRequest({ index, address: prefix.address, prefixLength: prefix.length }),
      `address ${text}`,
    );
  }
  for (const text of configuration.gateways) {
    const gateway = parseAddress(text);
    if (gateway === undefined || !isWanted(gateway)) continue;
    const family = gateway.length === 4 ? 'ipv4' : 'ipv6';
    const route: Route = {
      index,
      family,
      gateway,
      prefixLength: 0,
      metric: METRIC_BASE + index,
      origin: 'static',
    };
    ask(addRouteRequest(route), `gateway ${text}`);
  }
}

function describe(route: LeasedRoute): string {
  const via = route.gateway === undefined ? 'on the link' : `via ${formatAddress(route.gateway)}`;
  return `route ${formatAddress(route.destination)}/${route.prefixLength} ${via}`;
}
