/**
 * The machine's network: brings links up, runs DHCP where it is wanted, sets static addresses, follows router
 * advertisements, and keeps resolv.conf. Everything goes on in the background; {@link Network.ready} waits for an
 * address.
 */
import type { RouteNetlinkEvent } from '../../protocols/netlink/events.ts';
import { ARPHRD_ETHER } from '../../protocols/netlink/constants.ts';
import { linkUpRequest } from '../../protocols/netlink/requests.ts';
import type { NetworkTable } from '../network-configuration.ts';
import type { Privileges } from '../privileges.ts';
import type { Link, LinkOptions } from './link.ts';
import { createLink } from './link.ts';
import { formatResolvConf, writeResolvConf } from './resolv-conf.ts';
import type { RouteNetlink } from './route-netlink.ts';
import { openRouteNetlink } from './route-netlink.ts';
import type { DhcpSockets } from './sockets.ts';
import { openDhcpSockets } from './sockets.ts';

export interface Network extends AsyncDisposable {
  /** Resolves true once some address other than loopback and link-local is usable, false after `timeoutMs`. */
  ready(timeoutMs: number): Promise<boolean>;
  /** Usable addresses, without loopback and link-local ones. */
  addresses(): readonly string[];
  nameServers(): readonly string[];
  /** NTP servers that the network announced. */
  timeServers(): readonly string[];
  faults(): readonly string[];
}

export interface NetworkOptions {
  readonly configuration: NetworkTable;
  readonly hostname: string;
  readonly resolvConf: string;
  readonly privileges: Privileges;
  readonly note: (text: string) => void;
}

export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const links = new Map<number, Link>();
  const changed = new Set<() => void>();
  const byName = (name: string) => [...links.values()].find(each => each.name === name);
  const sockets = await openDhcpSockets({
    onMessage: (index, payload) => links.get(index)?.dhcpMessage(payload),
    onArp: (index, packet) => links.get(index)?.arpPacket(packet),
    onMessage6: (name, bytes) => byName(name)?.dhcp6Message(bytes),
  });
  const publish = (): void => {
    publishNameServers(options, [...links.values()]);
    for (const listener of [...changed]) listener();
  };
  // Events that come while the first list is read wait until requests can be made.
  const early: RouteNetlinkEvent[] = [];
  let onEvent = (event: RouteNetlinkEvent): void => void early.push(event);
  const netlink = await openRouteNetlink(options.privileges, event => onEvent(event));
  const context = { ...options, netlink, sockets, publish };
  onEvent = event => route(event, links, context);
  early.forEach(onEvent);
  publish();
  return present(links, { netlink, sockets, changed, note: options.note });
}

interface Context extends NetworkOptions {
  readonly netlink: RouteNetlink;
  readonly sockets: DhcpSockets;
  readonly publish: () => void;
}

function route(event: RouteNetlinkEvent, links: Map<number, Link>, context: Context): void {
  switch (event.kind) {
    case 'link':
      if (event.removed) return removeLink(event.index, links, context);
      if (event.name === 'lo') return bringUpLoopback(event.index, event.up, context);
      if (event.hardwareType === ARPHRD_ETHER && isWanted(event, context.configuration)) {
        const link = links.get(event.index) ?? addLink(event, links, context);
        link.carrier(event.running);
      }
      return;
    case 'address':
      links.get(event.index)?.address(event);
      return context.publish();
    case 'router-flags':
      return links.get(event.index)?.routerFlags(event);
    case 'name-servers':
      return links.get(event.index)?.routerNameServers(event);
    case 'answer':
    case 'done':
  }
}

function isWanted(
  link: { readonly name: string; readonly hardwareAddress: Uint8Array },
  configuration: NetworkTable,
): boolean {
  const wanted = configuration.interface;
  const hardware = Array.from(link.hardwareAddress, byte => byte.toString(16).padStart(2, '0')).join(':');
  return wanted === undefined || wanted === link.name || wanted === hardware;
}

function addLink(event: LinkOptions['event'], links: Map<number, Link>, context: Context): Link {
  const link = createLink({ ...context, event, isFirst: links.size === 0 });
  links.set(event.index, link);
  return link;
}

function removeLink(index: number, links: Map<number, Link>, context: Context): void {
  links.get(index)?.[Symbol.dispose]();
  links.delete(index);
  context.publish();
}

function bringUpLoopback(index: number, isUp: boolean, { netlink, note }: Context): void {
  if (isUp) return;
  netlink.ask(linkUpRequest(index), 'lo up').catch((reason: unknown) => note(`lo: ${String(reason)}`));
}

function publishNameServers(options: NetworkOptions, links: readonly Link[]): void {
  const announced = links.flatMap(link => link.nameServers());
  const servers = [...options.configuration['name-servers'], ...announced];
  const domain = links.map(link => link.domain()).find(each => each !== undefined);
  try {
    writeResolvConf(options.resolvConf, formatResolvConf(servers, domain));
  } catch (error) {
    options.note(`${options.resolvConf}: ${String(error)}`);
  }
}

function present(
  links: Map<number, Link>,
  parts: {
    readonly netlink: RouteNetlink;
    readonly sockets: DhcpSockets;
    readonly changed: Set<() => void>;
    readonly note: (text: string) => void;
  },
): Network {
  const all = (): Link[] => [...links.values()];
  const addresses = (): string[] => all().flatMap(link => link.addresses());
  return {
    addresses,
    nameServers: () => all().flatMap(link => link.nameServers()),
    timeServers: () => all().flatMap(link => link.timeServers()),
    faults: () => (links.size === 0 ? ['no Ethernet link was found'] : all().flatMap(link => link.faults())),
    ready: timeoutMs =>
      new Promise(resolve => {
        const settle = (value: boolean): void => {
          clearTimeout(timer);
          parts.changed.delete(check);
          resolve(value);
        };
        const timer = setTimeout(() => settle(false), timeoutMs);
        const check = (): void => (addresses().length > 0 ? settle(true) : undefined);
        parts.changed.add(check);
        check();
      }),
    async [Symbol.asyncDispose]() {
      for (const link of all()) link[Symbol.dispose]();
      parts.netlink[Symbol.dispose]();
      await parts.sockets[Symbol.asyncDispose]();
    },
  };
}
