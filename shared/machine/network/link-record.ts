import { equalBytes } from '../../base/bytes.ts';
import type { Lease } from '../../protocols/dhcp/lease.ts';
import type { Settings } from '../../protocols/dhcp6/reply.ts';
import { formatAddress, isInPrefix } from '../../protocols/ip/address.ts';
import type { AddressEvent, NameServersEvent } from '../../protocols/netlink/events.ts';

/** RFC 8106 §5.3.1: a few servers are enough, whatever routers announce. */
const ROUTER_SERVERS_MAX = 4;
const LINK_LOCAL = { address: Uint8Array.of(0xfe, 0x80, ...Array<number>(14).fill(0)), length: 10 };

/** What is known of one link: what it holds, what the network told, and what is wrong. */
export interface LinkRecord {
  readonly faults: Map<string, string>;
  lease: Lease | undefined;
  settings: Settings | undefined;
  holdAddress(event: AddressEvent): void;
  hearRouter(event: NameServersEvent, nowMs: number): void;
  /** Usable addresses without link-local ones. */
  addresses(): readonly string[];
  nameServers(nowMs: number): readonly string[];
  timeServers(): readonly string[];
  /** Without those that an IPv6-only network cannot help having. */
  seriousFaults(): readonly string[];
}

export function createLinkRecord(name: string): LinkRecord {
  const held = new Map<string, AddressEvent>();
  let routerServers: readonly { readonly address: Uint8Array; readonly untilMs: number }[] = [];
  const usable = (): Uint8Array[] =>
    [...held.values()].filter(each => each.ready && !isLinkLocal(each.address)).map(each => each.address);
  const record: LinkRecord = {
    faults: new Map(),
    lease: undefined,
    settings: undefined,
    holdAddress(event) {
      const text = formatAddress(event.address);
      if (event.removed) held.delete(text);
      else held.set(text, event);
      if (event.duplicate) record.faults.set(text, `${name}: another host uses ${text}`);
      else record.faults.delete(text);
    },
    hearRouter({ servers, lifetimeSeconds }, nowMs) {
      // RFC 8106 §5.1: a server lives as long as announced; a lifetime of zero takes it back.
      const untilMs = nowMs + lifetimeSeconds * 1000;
      const kept = routerServers.filter(old => !servers.some(address => equalBytes(address, old.address)));
      const fresh = lifetimeSeconds === 0 ? [] : servers.map(address => ({ address, untilMs }));
      routerServers = [...fresh, ...kept].slice(0, ROUTER_SERVERS_MAX);
    },
    addresses: () => usable().map(formatAddress),
    nameServers: nowMs => [
      ...(record.lease?.nameServers ?? []).map(formatAddress),
      ...(record.settings?.nameServers ?? []).map(address => scoped(address, name)),
      ...routerServers.filter(each => each.untilMs > nowMs).map(each => scoped(each.address, name)),
    ],
    timeServers: () =>
      [...(record.lease?.timeServers ?? []), ...(record.settings?.timeServers ?? [])].map(formatAddress),
    seriousFaults() {
      const hasIpv6 = usable().some(address => address.length === 16);
      return [...record.faults].filter(([key]) => !(key === 'dhcp' && hasIpv6)).map(([, text]) => text);
    },
  };
  return record;
}

function isLinkLocal(address: Uint8Array): boolean {
  return isInPrefix(address, LINK_LOCAL);
}

/** A link-local server is reachable only through its link (RFC 4007 §11). */
function scoped(address: Uint8Array, interfaceName: string): string {
  return isLinkLocal(address) ? `${formatAddress(address)}%${interfaceName}` : formatAddress(address);
}
