import { assert } from '../base/assert.ts';
import type { Endpoint, Flow } from '../devices/tcp.ts';
import { isIpv4, isLoopback, normalizeAddress } from './addresses.ts';
import type { Life, Timeline } from './life.ts';
import type { Prng } from './prng.ts';

/** How packets fare between two hosts. Rates are probabilities per packet. */
export interface LinkConditions {
  readonly latencyUs: readonly [least: number, most: number];
  /** Packets that take {@link SPIKE_FACTOR} times as long, so that later ones overtake them. */
  readonly spikeRate: number;
  /** A lost datagram is gone; a lost TCP segment arrives a retransmission later. */
  readonly lossRate: number;
  /** Datagrams that arrive twice. */
  readonly duplicateRate: number;
  /** Chunks that TCP cuts in two at a random byte, beyond what the segment size demands. */
  readonly splitRate: number;
}

export const SPIKE_FACTOR = 10;

const lan: LinkConditions = {
  latencyUs: [200, 2_000],
  spikeRate: 0,
  lossRate: 0,
  duplicateRate: 0,
  splitRate: 0,
};
const loopback: LinkConditions = { ...lan, latencyUs: [10, 50] };

/** Something bound to a port: a TCP listener or a UDP socket. */
export interface Binding<Handler> {
  readonly endpoint: Endpoint;
  readonly handler: Handler;
}

/** One end of a TCP connection, as the network knows it. */
export interface Connection {
  readonly site: Site;
  readonly peer: Connection;
  /** Both ends see a reset now. */
  resetBothEnds(): void;
}

export type FlowHandler = (flow: Flow) => void;
/** Takes a datagram that arrived; `source` is where an answer would go. */
export type DatagramHandler = (bytes: Uint8Array<ArrayBuffer>, source: Endpoint) => void;

/** Where a host is attached to the network. It stays when the host crashes; what was bound goes. */
export interface Site {
  readonly name: string;
  readonly addresses: readonly string[];
  /** Undefined while the host is down. */
  life: Life | undefined;
  readonly listeners: Binding<FlowHandler>[];
  readonly sockets: Binding<DatagramHandler>[];
  readonly flows: Set<Connection>;
  /** Where the search for a free port goes on. */
  nextPort: number;
}

/** Hosts by name and address, the conditions between them, and who is cut off from whom. */
export class Network {
  readonly timeline: Timeline;
  readonly prng: Prng;
  readonly #sites = new Map<string, Site>();
  readonly #byAddress = new Map<string, Site>();
  readonly #conditions = new Map<string, LinkConditions>();
  readonly #partitions = new Set<string>();
  #everywhere: LinkConditions = lan;

  constructor(timeline: Timeline, prng: Prng) {
    this.timeline = timeline;
    this.prng = prng;
  }

  attach(name: string, addresses: readonly string[] = this.#freeAddresses()): Site {
    const site: Site = {
      name,
      addresses: addresses.map(normalizeAddress),
      life: undefined,
      listeners: [],
      sockets: [],
      flows: new Set(),
      nextPort: 0,
    };
    this.#sites.set(name, site);
    for (const address of site.addresses) {
      assert(!this.#byAddress.has(address), `two hosts have the address ${address}`);
      this.#byAddress.set(address, site);
    }
    return site;
  }

  /** The host at `address` as seen from `from`. */
  siteAt(from: Site, address: string): Site | undefined {
    return isLoopback(address) ? from : this.#byAddress.get(address);
  }

  /** The address that `from` has when it talks to `address`: of the same family, loopback for loopback. */
  sourceAddress(from: Site, address: string): string {
    if (isLoopback(address)) return address;
    return (
      from.addresses.find(own => isIpv4(own) === isIpv4(address)) ?? (isIpv4(address) ? '0.0.0.0' : '::')
    );
  }

  /** Sets conditions between two hosts, or everywhere where no pair is named; what is left out stays. */
  setConditions(change: Partial<LinkConditions>, pair?: readonly [string, string]): void {
    this.#note(`conditions ${JSON.stringify(change)}${pair === undefined ? '' : ` ${pair.join(' ')}`}`);
    if (pair === undefined) this.#everywhere = { ...this.#everywhere, ...change };
    else this.#conditions.set(pairKey(...pair), { ...this.#between(...pair), ...change });
  }

  conditions(from: Site, to: Site): LinkConditions {
    return from === to ? loopback : this.#between(from.name, to.name);
  }

  /** How long one packet takes now. */
  latencyUs(from: Site, to: Site): number {
    const { latencyUs, spikeRate } = this.conditions(from, to);
    const usual = this.prng.between(...latencyUs);
    return this.prng.chance(spikeRate) ? usual * SPIKE_FACTOR : usual;
  }

  /** Cuts two hosts off from each other, both ways, until {@link heal}. */
  partition(left: string, right: string): void {
    this.#note(`partition ${left} ${right}`);
    this.#partitions.add(pairKey(left, right));
  }

  heal(left: string, right: string): void {
    this.#note(`heal ${left} ${right}`);
    this.#partitions.delete(pairKey(left, right));
  }

  /** Whether a packet sent now would not arrive: the hosts are cut off or the receiving one is down. */
  isCut(from: Site, to: Site): boolean {
    return to.life === undefined || (from !== to && this.#partitions.has(pairKey(from.name, to.name)));
  }

  /** Resets every TCP flow between two hosts, at both ends, as a middlebox that lost its table does. */
  reset(left: string, right: string): void {
    this.#note(`reset ${left} ${right}`);
    // A copy: a flow that is reset leaves the set.
    for (const flow of Array.from(this.#sites.get(left)?.flows ?? []))
      if (flow.peer.site.name === right) flow.resetBothEnds();
  }

  #between(left: string, right: string): LinkConditions {
    return this.#conditions.get(pairKey(left, right)) ?? this.#everywhere;
  }

  #freeAddresses(): string[] {
    const number = this.#sites.size + 1;
    return [`10.0.${number >> 8}.${number & 255}`, `fd00::${number.toString(16)}`];
  }

  #note(what: string): void {
    this.timeline.events.add(this.timeline.schedule.nowUs, 'network', what);
  }
}

function pairKey(left: string, right: string): string {
  return left < right ? `${left} ${right}` : `${right} ${left}`;
}
