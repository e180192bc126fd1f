import { describeClock } from '../compliance/clock.ts';
import { describeRandom } from '../compliance/random.ts';
import { describeTcp } from '../compliance/tcp.ts';
import { compliancePlanes, describeUdp } from '../compliance/udp.ts';
import type { Make } from '../compliance/waiting.ts';
import type { SimulatedHost } from './host.ts';
import { World } from './world.ts';

let worlds = 0;

/** Two hosts in a running world; `give` picks what the suite asks for. */
async function make<Fixture>(
  give: (server: SimulatedHost, client: SimulatedHost) => Fixture,
): ReturnType<Make<Fixture>> {
  const world = new World(`compliance ${worlds++}`);
  // One latency for all, since the suite of Udp expects datagrams in the order sent.
  world.network.setConditions({ latencyUs: [300, 300], splitRate: 0.3 });
  const server = world.host('server', { planes: compliancePlanes });
  const client = world.host('client');
  return { ...give(server, client), ...world.start() };
}

describeClock('the simulated Clock', () => make(({ devices }) => ({ clock: devices.clock })));
describeRandom('the simulated Random', () => make(({ devices }) => ({ random: devices.random })));
describeRandom('the simulated SecureRandom', () => make(({ devices }) => ({ random: devices.secureRandom })));

describeTcp('the simulated Tcp', () =>
  make((server, client) => ({
    server: server.devices.tcp,
    client: client.devices.tcp,
    address: server.address,
    unknownName: 'unknown.example',
    clock: server.devices.clock,
  })),
);

describeUdp('the simulated Udp', () =>
  make((server, client) => ({
    server: server.devices.udp,
    client: client.devices.udp,
    address: server.address,
    clientAddress: client.address,
    clock: server.devices.clock,
  })),
);
