import type { Endpoint, Flow } from '../devices/tcp.ts';
import { addressAsSeenBy, findBinding, takeFreePort } from './binding.ts';
import { networkFault } from './faults.ts';
import type { Life } from './life.ts';
import type { Binding, FlowHandler, Network, Site } from './network.ts';
import { SimulatedFlow } from './tcp-flow.ts';

/** The numeric addresses of a name, best first. @throws DeviceError `name-not-found` and what the resolver throws. */
export type NameLookup = (name: string, signal: AbortSignal | undefined) => Promise<readonly string[]>;

export interface TcpContext {
  readonly network: Network;
  readonly site: Site;
  readonly life: Life;
  readonly lookUp: NameLookup;
}

// RFC 6298 §2.1: the first retransmission of a SYN comes after one second; each wait doubles.
const SYN_TIMEOUT_FIRST_US = 1_000_000;

/** One attempt to connect to one address: SYNs until something answers or the caller gives up. */
export class Dial {
  readonly #context: TcpContext;
  readonly #to: Endpoint;
  #isOver = false;

  /** `to` has a numeric address. */
  constructor(context: TcpContext, to: Endpoint) {
    this.#context = context;
    this.#to = to;
  }

  /** No more SYNs; a connection that comes about later is closed at once. */
  giveUp(): void {
    this.#isOver = true;
  }

  async start(): Promise<Flow> {
    const { network, site, life } = this.#context;
    const { host, port } = this.#to;
    const target = network.siteAt(site, host);
    life.record(`tcp connects to ${target?.name ?? host}:${port}`);
    if (target === undefined) {
      await life.delay(network.latencyUs(site, site));
      throw networkFault('unreachable', `no host has the address ${host}`);
    }
    for (let waitUs = SYN_TIMEOUT_FIRST_US; !this.#isOver; waitUs *= 2) {
      const flow = await this.#sendSyn(target);
      if (flow !== undefined) return flow;
      await life.delay(waitUs);
    }
    throw networkFault('timed-out', 'the caller gave up');
  }

  /** Undefined where the SYN or its answer was lost. */
  async #sendSyn(target: Site): Promise<Flow | undefined> {
    const { network, site, life } = this.#context;
    const to = this.#to;
    const { lossRate } = network.conditions(site, target);
    const wayThereUs = network.latencyUs(site, target);
    await life.delay(wayThereUs);
    if (network.isCut(site, target) || network.prng.chance(lossRate)) return undefined;
    const binding = findBinding(target.listeners, to);
    const flow = binding === undefined ? undefined : this.#establish(target, binding);
    await life.delay(network.latencyUs(target, site));
    if (flow === undefined)
      throw networkFault('refused', `${to.host} port ${to.port} refused the connection`);
    if (this.#isOver) flow.destroy();
    return flow;
  }

  #establish(target: Site, binding: Binding<FlowHandler>): Flow {
    const { network, site, life } = this.#context;
    const to = this.#to;
    const from = { host: network.sourceAddress(site, to.host), port: takeFreePort(site, site.listeners) };
    const near = new SimulatedFlow(network, site, life, { local: from, remote: to });
    const far = new SimulatedFlow(network, target, target.life as Life, {
      local: { host: addressAsSeenBy(binding.endpoint, to.host), port: to.port },
      remote: { host: addressAsSeenBy(binding.endpoint, from.host), port: from.port },
    });
    SimulatedFlow.join(near, far);
    // Before the caller has the flow a reset must not become an uncaught exception; it keeps the listener like the host's.
    near.on('error', ignoreError);
    target.life?.record(`tcp accepts ${site.name}:${from.port} on ${to.port}`);
    binding.handler(far);
    return near;
  }
}

export function ignoreError(_error: Error): void {
  // Whoever uses the flow sees 'close'; a reset by a stranger is no event of ours.
}
