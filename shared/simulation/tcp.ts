import { assert } from '../base/assert.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { ConnectOptions, Endpoint, Flow, Listener, ListenOptions, Tcp } from '../devices/tcp.ts';
import { isNumericAddress, normalizeAddress } from './addresses.ts';
import { addressAsSeenBy, bindTo, findBinding, takeFreePort, unbind } from './binding.ts';
import { networkFault } from './faults.ts';
import type { Life } from './life.ts';
import type { Binding, FlowHandler, Network, Site } from './network.ts';
import { SimulatedFlow } from './tcp-flow.ts';

/** The numeric address of a name. @throws DeviceError `name-not-found` and what the resolver throws. */
export type NameLookup = (name: string, signal: AbortSignal | undefined) => Promise<string>;

export interface TcpContext {
  readonly network: Network;
  readonly site: Site;
  readonly life: Life;
  readonly lookUp: NameLookup;
}

const CONNECT_TIMEOUT_DEFAULT_MS = 10_000;

// RFC 6298 §2.1: the first retransmission of a SYN comes after one second; each wait doubles.
const SYN_TIMEOUT_FIRST_US = 1_000_000;

export function createSimulatedTcp(context: TcpContext): Tcp {
  return {
    listen: (options, onFlow) => listen(context, options, onFlow),
    connect: options => connect(context, options),
  };
}

async function listen(
  { site, life }: TcpContext,
  options: ListenOptions,
  onFlow: (flow: Flow) => void,
): Promise<Listener> {
  assert(isNumericAddress(options.host), `a listener binds a numeric address, not ${options.host}`);
  // Before the port is taken, so that an ended life takes none.
  await life.delay(0);
  let open = 0;
  const accept: FlowHandler = flow => {
    flow.on('error', ignoreError);
    if (open >= (options.maxFlows ?? Infinity)) return void flow.destroy();
    open++;
    flow.once('close', () => open--);
    onFlow(flow);
  };
  const binding = bindTo(site, site.listeners, options, accept);
  life.record(`tcp listens on ${binding.endpoint.port}`);
  const close = async (): Promise<void> => {
    if (life.alive) unbind(site.listeners, binding);
    await life.delay(0);
  };
  return { address: binding.endpoint, close, [Symbol.asyncDispose]: close };
}

async function connect(context: TcpContext, options: ConnectOptions): Promise<Flow> {
  const { signal } = options;
  signal?.throwIfAborted();
  const timeoutMs = options.timeoutMs ?? CONNECT_TIMEOUT_DEFAULT_MS;
  const attempt = Promise.withResolvers<Flow>();
  const abort = (): void => attempt.reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const tooLate = (): void =>
    attempt.reject(
      networkFault('timed-out', `no answer from ${options.host} port ${options.port} in ${timeoutMs} ms`),
    );
  const timer = context.life.after(timeoutMs * 1_000, tooLate);
  const dialled = new Dial(context, options);
  try {
    dialled.start().then(attempt.resolve, attempt.reject);
    return await attempt.promise;
  } finally {
    context.life.cancel(timer);
    signal?.removeEventListener('abort', abort);
    dialled.giveUp();
  }
}

/** One attempt to connect: SYNs until something answers or the caller gives up. */
class Dial {
  readonly #context: TcpContext;
  readonly #options: ConnectOptions;
  #isOver = false;

  constructor(context: TcpContext, options: ConnectOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** No more SYNs; a connection that comes about later is closed at once. */
  giveUp(): void {
    this.#isOver = true;
  }

  async start(): Promise<Flow> {
    const { network, site, life, lookUp } = this.#context;
    const { host, port, signal } = this.#options;
    const address = normalizeAddress(isNumericAddress(host) ? host : await lookUp(host, signal));
    const target = network.siteAt(site, address);
    life.record(`tcp connects to ${target?.name ?? address}:${port}`);
    if (target === undefined) {
      await life.delay(network.latencyUs(site, site));
      throw networkFault('unreachable', `no host has the address ${address}`);
    }
    for (let waitUs = SYN_TIMEOUT_FIRST_US; !this.#isOver; waitUs *= 2) {
      const flow = await this.#sendSyn(target, { host: address, port });
      if (flow !== undefined) return flow;
      await life.delay(waitUs);
    }
    throw new DeviceError('failed', 'the caller gave up');
  }

  /** Undefined where the SYN or its answer was lost. */
  async #sendSyn(target: Site, to: Endpoint): Promise<Flow | undefined> {
    const { network, site, life } = this.#context;
    const { lossRate } = network.conditions(site, target);
    const wayThereUs = network.latencyUs(site, target);
    await life.delay(wayThereUs);
    if (network.isCut(site, target) || network.prng.chance(lossRate)) return undefined;
    const binding = findBinding(target.listeners, to);
    const flow = binding === undefined ? undefined : this.#establish(target, to, binding);
    await life.delay(network.latencyUs(target, site));
    if (flow === undefined)
      throw networkFault('refused', `${to.host} port ${to.port} refused the connection`);
    if (this.#isOver) flow.destroy();
    return flow;
  }

  #establish(target: Site, to: Endpoint, binding: Binding<FlowHandler>): Flow {
    const { network, site, life } = this.#context;
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

function ignoreError(_error: Error): void {
  // Whoever uses the flow sees 'close'; a reset by a stranger is no event of ours.
}
