import { writeFileSync } from 'node:fs';
import { equalBytes } from '../../base/bytes.ts';
import { decodeArp, encodeArpAnnouncement, encodeArpProbe } from '../../protocols/arp/packet.ts';
import type { Lease } from '../../protocols/dhcp/lease.ts';
import { clientIdentifier, linkLayerDuid } from '../../protocols/dhcp/requests.ts';
import { formatAddress } from '../../protocols/ip/address.ts';
import type {
  AddressEvent,
  LinkEvent,
  NameServersEvent,
  RouterFlagsEvent,
} from '../../protocols/netlink/events.ts';
import { linkUpRequest } from '../../protocols/netlink/requests.ts';
import type { NetworkTable } from '../network-configuration.ts';
import type { Dhcp6Runner } from './dhcp6-runner.ts';
import { runDhcp6Client } from './dhcp6-runner.ts';
import type { DhcpRunner } from './dhcp-runner.ts';
import { runDhcpClient } from './dhcp-runner.ts';
import type { LinkConfigurator } from './link-configurator.ts';
import { createLinkConfigurator } from './link-configurator.ts';
import type { LinkRecord } from './link-record.ts';
import { createLinkRecord } from './link-record.ts';
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
  arpPacket(packet: Uint8Array): void;
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

interface Parts {
  readonly options: LinkOptions;
  readonly record: LinkRecord;
  readonly configurator: LinkConfigurator;
  readonly note: (text: string) => void;
}

export function createLink(options: LinkOptions): Link {
  const { event, configuration, netlink, publish } = options;
  const { index, name } = event;
  const note = (text: string): void => options.note(`${name}: ${text}`);
  const record = createLinkRecord(name);
  const configurator = createLinkConfigurator({ index, name, netlink, note });
  const parts = { options, record, configurator, note };
  const dhcp = startDhcp(parts);
  const dhcp6 = startDhcp6(parts);
  let running: boolean | undefined;
  bringUp(parts);
  return {
    name,
    carrier(isRunning) {
      if (isRunning === running) return;
      running = isRunning;
      if (isRunning) record.faults.delete('carrier');
      else record.faults.set('carrier', `${name}: no cable, or nothing answers at its other end`);
      if (configuration.ipv4 === 'dhcp') dhcp.handle({ kind: isRunning ? 'link-up' : 'link-down' });
      if (!isRunning) dhcp6.handle({ kind: 'stop' });
    },
    address: change => record.holdAddress(change),
    routerFlags(flags) {
      if (configuration.ipv6 !== 'automatic' || !flags.received) return;
      // RFC 4861 §4.2: M asks for an address by DHCPv6, O for other settings; M makes O redundant.
      if (flags.managed) dhcp6.handle({ kind: 'start', mode: 'address' });
      else if (flags.otherConfiguration) dhcp6.handle({ kind: 'start', mode: 'information' });
    },
    routerNameServers(announced) {
      record.hearRouter(announced, performance.now());
      publish();
    },
    dhcpMessage: bytes => dhcp.handle({ kind: 'message', bytes }),
    arpPacket(packet) {
      if (isConflict(packet, event.hardwareAddress, record.lease)) dhcp.handle({ kind: 'conflict' });
    },
    dhcp6Message: bytes => dhcp6.handle({ kind: 'message', bytes }),
    addresses: () => record.addresses(),
    nameServers: () => record.nameServers(performance.now()),
    timeServers: () => record.timeServers(),
    domain: () => record.lease?.domain,
    faults: () => record.seriousFaults(),
    [Symbol.dispose]() {
      dhcp[Symbol.dispose]();
      dhcp6[Symbol.dispose]();
    },
  };
}

/** RFC 5227 §2.4: any ARP packet from our address but not from us tells of a conflict, asked for or not. */
function isConflict(packet: Uint8Array, hardwareAddress: Uint8Array, lease: Lease | undefined): boolean {
  const arp = decodeArp(packet);
  return (
    arp !== undefined &&
    lease !== undefined &&
    equalBytes(arp.senderAddress, lease.address) &&
    !equalBytes(arp.senderHardware, hardwareAddress)
  );
}

function bringUp({ options, record, configurator, note }: Parts): void {
  const { event, configuration, netlink } = options;
  const { index, name } = event;
  setIpv6Behaviour(name, configuration.ipv6);
  netlink
    .ask(linkUpRequest(index, configuration['mtu-bytes']), `${name} up`)
    .catch((reason: unknown) => note(String(reason)));
  if (options.isFirst || configuration.interface !== undefined) configurator.applyStatic(configuration);
  if (configuration.ipv4 === 'dhcp') record.faults.set('dhcp', `${name}: no DHCP server has answered yet`);
}

/** What the kernel does by itself on this link; 'automatic' is its usual behaviour. */
function setIpv6Behaviour(name: string, ipv6: NetworkTable['ipv6']): void {
  if (ipv6 === 'automatic') return;
  const setting = ipv6 === 'off' ? 'disable_ipv6' : 'accept_ra';
  try {
    writeFileSync(`/proc/sys/net/ipv6/conf/${name}/${setting}`, ipv6 === 'off' ? '1' : '0');
  } catch {
    // A kernel without IPv6 does nothing by itself.
    return;
  }
}

function startDhcp({ options, record, configurator, note }: Parts): DhcpRunner {
  const { event, sockets, publish, hostname } = options;
  const { index, name, hardwareAddress } = event;
  const identity = { hardwareAddress, clientIdentifier: clientIdentifier(index, hardwareAddress), hostname };
  return runDhcpClient(identity, {
    broadcast: payload => sockets.broadcast(index, payload),
    unicast: (payload, server) => sockets.unicast(payload, server),
    probe: address => sockets.arp(index, encodeArpProbe(hardwareAddress, address)),
    announce: address => sockets.arp(index, encodeArpAnnouncement(hardwareAddress, address)),
    configure(lease) {
      if (record.lease === undefined || !equalBytes(record.lease.address, lease.address)) {
        note(`address ${formatAddress(lease.address)}/${lease.prefixLength} by DHCP`);
      }
      record.lease = lease;
      record.faults.delete('dhcp');
      configurator.applyLease(lease);
      publish();
    },
    unconfigure(lease, reason) {
      record.lease = undefined;
      record.faults.set('dhcp', `${name}: no IPv4 address: ${reason}`);
      note(`address ${formatAddress(lease.address)} given up: ${reason}`);
      configurator.removeLease(lease);
      publish();
    },
    note,
  });
}

function startDhcp6({ options, record, configurator, note }: Parts): Dhcp6Runner {
  const { event, sockets, publish } = options;
  return runDhcp6Client(linkLayerDuid(event.hardwareAddress), event.index, {
    multicast: bytes => sockets.multicast6(event.name, bytes),
    configure: binding => configurator.applyBinding(binding),
    unconfigure(address, reason) {
      note(`address ${formatAddress(address)} given up: ${reason}`);
      configurator.removeAddress(address, 128);
    },
    settings(settings) {
      record.settings = settings;
      publish();
    },
  });
}
