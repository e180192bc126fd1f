import { assert } from '../base/assert.ts';
import {
  CONNECT_TIMEOUT_DEFAULT_MS,
  type ConnectOptions,
  type Flow,
  type Listener,
  type ListenOptions,
  type Tcp,
} from '../devices/tcp.ts';
import { isNumericAddress, normalizeAddress } from './addresses.ts';
import { bindTo, unbind } from './binding.ts';
import { networkFault } from './faults.ts';
import type { Life } from './life.ts';
import type { FlowHandler } from './network.ts';
import { Dial, ignoreError, type TcpContext } from './tcp-dial.ts';

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

// RFC 8305 §5: one attempt follows the other after the Connection Attempt Delay, 250 ms.
const ATTEMPT_DELAY_US = 250_000;

async function connect(context: TcpContext, options: ConnectOptions): Promise<Flow> {
  const { life } = context;
  const { signal, host, port, timeoutMs = CONNECT_TIMEOUT_DEFAULT_MS } = options;
  signal?.throwIfAborted();
  const over = Promise.withResolvers<never>();
  const abort = (): void => over.reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const tooLate = networkFault('timed-out', `no answer from ${host} port ${port} within ${timeoutMs} ms`);
  const timer = life.after(timeoutMs * 1_000, () => over.reject(tooLate));
  const dials: Dial[] = [];
  let isOver = false;
  try {
    const lookingUp = isNumericAddress(host) ? [host] : context.lookUp(host, signal);
    const addresses = await Promise.race([lookingUp, over.promise]);
    const start = (address: string): Promise<Flow> | undefined => {
      if (isOver) return undefined;
      const dial = new Dial(context, { host: normalizeAddress(address), port });
      dials.push(dial);
      return dial.start();
    };
    return await Promise.race([firstOf(addresses, start, life), over.promise]);
  } finally {
    life.cancel(timer);
    signal?.removeEventListener('abort', abort);
    isOver = true;
    for (const dial of dials) dial.giveUp();
  }
}

/**
 * Starts an attempt at each address in turn, the next one after a failure or the delay; the first to open wins. `start` gives
 * undefined when none is wanted any more.
 */
function firstOf(
  addresses: readonly string[],
  start: (address: string) => Promise<Flow> | undefined,
  life: Life,
): Promise<Flow> {
  const first = Promise.withResolvers<Flow>();
  let next = 0;
  let failures = 0;
  const attempt = (expected: number): void => {
    const address = addresses[next];
    // The one before failed early and has started this attempt already, or none is left.
    if (address === undefined || next !== expected) return;
    next++;
    life.after(ATTEMPT_DELAY_US, () => attempt(expected + 1));
    start(address)?.then(first.resolve, (error: unknown) => {
      if (++failures === addresses.length) first.reject(error);
      else attempt(expected + 1);
    });
  };
  attempt(0);
  // An attempt that fails after another one opened is nobody's business any more.
  return first.promise;
}
