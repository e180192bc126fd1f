import { isIPv6 } from 'node:net';
import { equalBytes } from '../../base/bytes.ts';
import type { Lease } from '../../protocols/dhcp/lease.ts';
import { clientIdentifier, linkLayerDuid } from '../../protocols/dhcp/requests.ts';
import { formatAddress, isInPrefix, parsePrefix } from '../../protocols/ip/address.ts';
import type {
  AddressEvent,
  LinkEvent,
  NameServersEvent,
  RouterFlagsEvent,
} from '../../protocols/netlink/events.ts';
import { linkUpRequest } from '../../protocols/netlink/requests.ts';
import type { NetworkTable } from '../network-configuration.ts';
import { runDhcp6Client } from './dhcp6-runner.ts';
import { runDhcpClient } from './dhcp-runner.ts';
import { createLinkConfigurator } from './link-configurator.ts';
import type { RouteNetlink } from './route-netlink.ts';
import type { DhcpSockets } from './sockets.ts';

/** One Ethernet link with its clients and what is known of it. */
export interface Link extends Disposable {
  readonly name: string;
  carrier(running: boolean): void;
  address(event: AddressEvent): void;
  routerFlags(event: RouterFlagsEvent): void;
  routerNameServers(event: NameServersEvent): void;
  dhcpMessage(payload: Uint8Array): void;
  dhcp6Message(bytes: Uint8Array): void;
  addresses(): readonly string[];
  nameServers(): readonly string[];
  timeServers(): readonly string[];
  domain(): string | undefined;
  faults(): readonly string[];
}

export interface LinkOptions {
  readonly event: LinkEvent;
  /** Static addresses belong to the first link, unless the configuration names one. */
  readonly isFirst: boolean;
  readonly configuration: NetworkTable;
  readonly hostname: string;
  readonly netlink: RouteNetlink;
  readonly sockets: DhcpSockets;
  /** Addresses or name servers changed. */
  readonly publish: () => void;
  readonly note: (text: string) => void;
}

const LINK_LOCAL_6 = parsePrefix('fe80::/10');

export function createLink(options: LinkOptions): Link {
  const { event, configuration, netlink, sockets, publish } = options;
  const { index, name, hardwareAddress } = event;
  const faults = new Map<string, string>();
  const note = (text: string): void => options.note(`${name}: ${text}`);
  const held = new Map<string, AddressEvent>();
  let running: boolean | undefined;
  let lease: Lease | undefined;
  let routerServers: readonly string[] = [];
  let settings:
    { readonly nameServers: readonly string[]; readonly timeServers: readonly string[] } | undefined;
  const configurator = createLinkConfigurator({ index, name, netlink, note });

  const dhcp = runDhcpClient(
    {
      hardwareAddress,
      clientIdentifier: clientIdentifier(index, hardwareAddress),
      hostname: options.hostname,
    },
    {
      broadcast: payload => sockets.broadcast(index, payload),
      unicast: (payload, server) => sockets.unicast(payload, server),
      configure(next) {
        if (lease === undefined || !equalBytes(lease.address, next.address)) {
          note(`address ${formatAddress(next.address)}/${next.prefixLength} by DHCP`);
        }
        lease = next;
        faults.delete('dhcp');
        configurator.applyLease(next);
        publish();
      },
      unconfigure(last, reason) {
        lease = undefined;
        faults.set('dhcp', `${name}: no IPv4 address: ${reason}`);
        note(`address ${formatAddress(last.address)} given up: ${reason}`);
        configurator.removeLease(last);
        publish();
      },
      note,
    },
  );
  const dhcp6 = runDhcp6Client(linkLayerDuid(hardwareAddress), index, {
    multicast: bytes => sockets.multicast6(name, bytes),
    configure: binding => configurator.applyBinding(binding),
    unconfigure(address, reason) {
      note(`address ${formatAddress(address)} given up: ${reason}`);
      configurator.removeAddress(address, 128);
    },
    settings(next) {
      settings = {
        nameServers: next.nameServers.map(formatAddress),
        timeServers: next.timeServers.map(formatAddress),
      };
      publish();
    },
  });

  netlink
    .ask(linkUpRequest(index, configuration['mtu-bytes']), `${name} up`)
    .catch((reason: unknown) => note(String(reason)));
  if (options.isFirst || configuration.interface !== undefined) configurator.applyStatic(configuration);
  if (configuration.ipv4 === 'dhcp') faults.set('dhcp', `${name}: no DHCP server has answered yet`);

  return {
    name,
    carrier(isRunning) {
      if (isRunning === running) return;
      running = isRunning;
      if (isRunning) faults.delete('carrier');
      else faults.set('carrier', `${name}: no cable, or nothing answers at its other end`);
      if (configuration.ipv4 === 'dhcp') dhcp.handle({ kind: isRunning ? 'link-up' : 'link-down' });
      if (!isRunning) dhcp6.handle({ kind: 'stop' });
    },
    address(change) {
      const text = formatAddress(change.address);
      if (change.removed) held.delete(text);
      else held.set(text, change);
      if (change.duplicate) faults.set(text, `${name}: another host uses ${text}`);
      else faults.delete(text);
    },
    routerFlags(flags) {
      if (configuration.ipv6 !== 'automatic' || !flags.received) return;
      if (flags.managed) dhcp6.handle({ kind: 'start', mode: 'address' });
      else if (flags.otherConfiguration) dhcp6.handle({ kind: 'start', mode: 'information' });
    },
    routerNameServers(announced) {
      const servers = announced.servers.map(server => scoped(server, name));
      // RFC 8106 §5.1: a lifetime of zero means that the servers must no longer be used.
      const kept = routerServers.filter(server => !servers.includes(server));
      routerServers = announced.lifetimeSeconds === 0 ? kept : [...servers, ...kept].slice(0, 4);
      publish();
    },
    dhcpMessage: bytes => dhcp.handle({ kind: 'message', bytes }),
    dhcp6Message: bytes => dhcp6.handle({ kind: 'message', bytes }),
    addresses: () =>
      [...held.values()]
        .filter(each => each.ready && !isLinkLocal(each.address))
        .map(each => formatAddress(each.address)),
    nameServers: () => [
      ...(lease?.nameServers.map(formatAddress) ?? []),
      ...(settings?.nameServers ?? []),
      ...routerServers,
    ],
    timeServers: () => [...(lease?.timeServers.map(formatAddress) ?? []), ...(settings?.timeServers ?? [])],
    domain: () => lease?.domain,
    faults: () => {
      const hasIpv6 = [...held.values()].some(
        each => each.ready && isIPv6(formatAddress(each.address)) && !isLinkLocal(each.address),
      );
      // An IPv6-only network has no DHCPv4 server, and nothing is wrong with that.
      return [...faults].filter(([key]) => !(key === 'dhcp' && hasIpv6)).map(([, text]) => text);
    },
    [Symbol.dispose]() {
      dhcp[Symbol.dispose]();
      dhcp6[Symbol.dispose]();
    },
  };
}

function isLinkLocal(address: Uint8Array): boolean {
  return LINK_LOCAL_6 !== undefined && isInPrefix(address, LINK_LOCAL_6);
}

/** A link-local server is reachable only through its link (RFC 4007 §11). */
function scoped(address: Uint8Array, interfaceName: string): string {
  return isLinkLocal(address) ? `${formatAddress(address)}%${interfaceName}` : formatAddress(address);
}
