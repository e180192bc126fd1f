import type { Endpoint } from '../../../devices/tcp.ts';
import { formatAddress } from '../../ip/address.ts';
import { TYPE } from '../message.ts';
import { decodeName, equalNames, isAtOrBelow, type Name } from '../name.ts';
import { canonicalKey, parentKey } from '../zone-file/canonical-key.ts';
import { DELEGATIONS_MAX, SERVER_NAMES_MAX } from './limits.ts';
import { findRRset, type Reply } from './reply.ts';
import type { RootServer } from './root.ts';

/** Who is asked about a zone. */
export interface Delegation {
  readonly apex: Name;
  /** The zone that these servers are known to have: `apex`, or the one above where its servers turned out to answer for `apex` too. */
  readonly heldFrom: Name;
  readonly servers: readonly NameServer[];
  /** They ask others for us: RD is set, and they refer to nobody. */
  readonly isRecursive: boolean;
  /** Only where to begin: RFC 9609 §2. */
  readonly isHint: boolean;
  readonly storedMs: number;
  readonly expiresMs: number;
}

export interface NameServer {
  /** undefined where configuration has the addresses alone. */
  readonly name: Name | undefined;
  /** Empty where they are not known by glue. */
  readonly addresses: readonly Endpoint[];
}

const ALWAYS = { storedMs: Number.NEGATIVE_INFINITY, expiresMs: Number.POSITIVE_INFINITY } as const;

/** RFC 9609 §2: where the root zone is asked for its servers. */
export function rootHints(roots: readonly RootServer[], port: number): Delegation {
  const servers = roots.map(({ name, addresses }) => ({
    name,
    addresses: addresses.map(host => ({ host, port })),
  }));
  return { apex: [], heldFrom: [], servers, isRecursive: false, isHint: true, ...ALWAYS };
}

/** Resolvers that are asked about everything. */
export function forwarders(endpoints: readonly Endpoint[]): Delegation {
  const servers = [{ name: undefined, addresses: endpoints }];
  return { apex: [], heldFrom: [], servers, isRecursive: true, isHint: false, ...ALWAYS };
}

/** The servers that an NS RRset of `reply` names, with their addresses as far as `bailiwick`, the zone whose server said so, has a say in them. */
export function readServers(
  reply: Reply,
  names: readonly Uint8Array[],
  { bailiwick, port }: { readonly bailiwick: Name; readonly port: number },
): NameServer[] {
  return names.slice(0, SERVER_NAMES_MAX).flatMap(data => {
    const decoded = decodeName(data, 0);
    if (!decoded.ok) return [];
    const { name } = decoded.value;
    // RFC 2181 §5.4.1 and RFC 5452 §6: of names elsewhere this server knows nothing that may be believed.
    const sets = isAtOrBelow(name, bailiwick)
      ? [TYPE.A, TYPE.AAAA].map(type => findRRset(reply.additionals, name, type))
      : [];
    const addresses = sets.flatMap(set => (set?.data ?? []).map(formatAddress));
    return [{ name, addresses: addresses.map(host => ({ host, port })) }];
  });
}

/** RFC 9609 §4.2: what the root says of its servers; hints fill in what did not fit into the message. */
export function withHints(servers: readonly NameServer[], hints: Delegation): NameServer[] {
  return servers.map(server => {
    if (server.addresses.length > 0) return server;
    const hint = hints.servers.find(({ name }) => isSame(name, server.name));
    return hint ?? server;
  });
}

function isSame(left: Name | undefined, right: Name | undefined): boolean {
  return left !== undefined && right !== undefined && equalNames(left, right);
}

/** The delegations that are known; the root's is always there. */
export class Delegations {
  readonly root: Delegation;
  readonly #byApex = new Map<string, Delegation>();

  constructor(root: Delegation) {
    this.root = root;
  }

  /** The closest one at or above `name` that has not expired at `nowMs`, or was learnt since `sinceMs`. */
  closest(name: Name, nowMs: number, sinceMs: number): Delegation {
    for (let key: string | undefined = canonicalKey(name); key !== undefined; key = parentKey(key)) {
      const found = this.#byApex.get(key);
      if (found !== undefined && (found.expiresMs > nowMs || found.storedMs >= sinceMs)) return found;
    }
    return this.root;
  }

  delete(apex: Name): void {
    this.#byApex.delete(canonicalKey(apex));
  }

  put(delegation: Delegation): void {
    const key = canonicalKey(delegation.apex);
    this.#byApex.delete(key);
    this.#byApex.set(key, delegation);
    if (this.#byApex.size <= DELEGATIONS_MAX) return;
    const [oldest] = this.#byApex.keys();
    if (oldest !== undefined) this.#byApex.delete(oldest);
  }
}
