import type { Devices } from '../../devices/devices.ts';
import { DeviceError } from '../../devices/device-error.ts';
import { type Program, type Scenario, startProgram } from '../scenario.ts';
import type { World } from '../world.ts';
import { retryWaitMs } from './retry.ts';

const CLIENTS = 60;
const PORT = 7_100;

/** The server can take this many newcomers in one window before others would have to wait. */
const ARRIVALS_MAX = 15;
/**
 * With jitter 60 clients come back over 500 ms or more, so 10 ms hold 1.2 of them on average, and more than fifteen about once
 * in 10^12 windows. Without, all come within the spread of the network's latency, a few milliseconds.
 */
const WINDOW_MS = 10;

const SETTLING_MS = 3_000;
const PATIENCE_MS = 120_000;

/** Many clients lose one server at the same moment and come back to it. */
export const herd: Scenario = {
  name: 'herd',
  summary: `${CLIENTS} clients lose their server together and must not come back together`,
  bugs: { 'no-jitter': 'clients wait exactly as long as each other before they try again' },
  async run(world, planted) {
    const arrivals: number[] = [];
    const connected = new Set<string>();
    let watched = false;
    world.invariant('newcomers are spread over time', () => {
      if (!watched || arrivals.length <= ARRIVALS_MAX) return undefined;
      const last = arrivals.at(-1) ?? 0;
      const first = arrivals.at(-1 - ARRIVALS_MAX) ?? 0;
      return last - first < WINDOW_MS
        ? `${ARRIVALS_MAX + 1} clients arrived within ${(last - first).toFixed(3)} ms`
        : undefined;
    });

    const server = world.host('server');
    const accept: Program = devices => acceptAll(devices, () => arrivals.push(world.nowMs));
    startProgram(world, server, accept);
    for (let index = 0; index < CLIENTS; index++) {
      const client = world.host(`client-${index}`);
      const stay: Program = devices =>
        stayConnected(devices, {
          server: server.address,
          hasJitter: !planted.has('no-jitter'),
          onChange: isConnected => (isConnected ? connected.add(client.name) : connected.delete(client.name)),
        });
      startProgram(world, client, stay);
    }
    const everyone = (): string | undefined =>
      connected.size === CLIENTS ? undefined : `${connected.size} of ${CLIENTS} are connected`;
    await world.eventually('all clients connect at first', PATIENCE_MS, everyone);
    await world.sleep(SETTLING_MS);

    await loseServer(world, accept, () => {
      arrivals.length = 0;
      watched = true;
    });
    await world.eventually('all clients come back', PATIENCE_MS, everyone);
  },
};

/** All flows break at one moment, and the server is gone for a while. */
async function loseServer(world: World, accept: Program, onLost: () => void): Promise<void> {
  const server = world.host('server');
  for (let index = 0; index < CLIENTS; index++) world.network.reset(server.name, `client-${index}`);
  server.crash();
  onLost();
  await world.sleep(world.prng.between(500, 10_000));
  server.restart();
  startProgram(world, server, accept);
}

async function acceptAll({ tcp }: Devices, onArrival: () => void): Promise<void> {
  await tcp.listen({ host: '::', port: PORT }, flow => {
    onArrival();
    flow.resume();
  });
}

interface Client {
  readonly server: string;
  readonly hasJitter: boolean;
  readonly onChange: (isConnected: boolean) => void;
}

async function stayConnected({ tcp, clock, random }: Devices, client: Client): Promise<void> {
  let failures = 0;
  // The first arrivals are spread by chance, as people come by chance.
  await clock.sleep(retryWaitMs(3, random));
  for (;;) {
    try {
      const flow = await tcp.connect({ host: client.server, port: PORT, timeoutMs: 900 });
      failures = 0;
      client.onChange(true);
      flow.resume();
      await new Promise<void>(resolve => {
        flow.once('close', resolve);
      });
      client.onChange(false);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
    }
    failures++;
    await clock.sleep(retryWaitMs(failures, client.hasJitter ? random : undefined));
  }
}
