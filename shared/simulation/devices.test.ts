import { expect } from 'vitest';
import { describeClock } from '../compliance/clock.ts';
import { countingService } from '../compliance/counting-service.ts';
import { describeHttp } from '../compliance/http.ts';
import { complianceJobs } from '../compliance/job-table.ts';
import { describeJobs } from '../compliance/jobs.ts';
import { describeLog } from '../compliance/log.ts';
import { describeMetrics } from '../compliance/metrics.ts';
import { describeRandom } from '../compliance/random.ts';
import { complianceZone, describeResolver } from '../compliance/resolver.ts';
import { type CountingWorld, describeService, describeSurroundings, tell } from '../compliance/service.ts';
import { describeTcp } from '../compliance/tcp.ts';
import { describeTls } from '../compliance/tls.ts';
import { compliancePlanes } from '../compliance/udp-planes.ts';
import { describeUdp } from '../compliance/udp.ts';
import type { Make } from '../compliance/waiting.ts';
import type { LogRecord } from '../devices/log.ts';
import type { SimulatedHost } from './host.ts';
import { World } from './world.ts';

let worlds = 0;

/** Two hosts in a running world; `give` picks what the suite asks for. */
async function make<Fixture>(
  give: (server: SimulatedHost, client: SimulatedHost, world: World) => Fixture,
): ReturnType<Make<Fixture>> {
  const world = new World(`compliance ${worlds++}`);
  // One latency for all, since the suite of Udp expects datagrams in the order sent.
  world.network.setConditions({ latencyUs: [300, 300], splitRate: 0.3 });
  const server = world.host('server', { planes: compliancePlanes, jobs: complianceJobs });
  const client = world.host('client');
  for (const { name, type, data } of complianceZone) world.zones.add(name, type, data);
  world.zones.setFault('broken.fault.test', 'name-server-failed');
  return { ...give(server, client, world), ...world.start() };
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

describeTcp('the simulated Tcp on IPv6', () =>
  make((server, client) => ({
    server: server.devices.tcp,
    client: client.devices.tcp,
    address: server.addresses[1] ?? '',
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

describeTls('the simulated Tls', () =>
  make((server, client) => ({
    server: server.devices,
    client: client.devices,
    address: server.address,
    clock: server.devices.clock,
  })),
);

describeHttp('the simulated Http', () =>
  make((server, client) => ({
    server: server.devices.tcp,
    client: client.devices.http,
    address: server.address,
    clock: server.devices.clock,
  })),
);

describeResolver('the simulated Resolver', () => make(({ devices }) => ({ resolver: devices.resolver })));
describeJobs('the simulated Jobs', () =>
  make(({ devices }) => ({ jobs: devices.jobs, clock: devices.clock, canEndJobs: false })),
);
describeLog('the simulated Log', () =>
  make(({ devices }) => ({ log: devices.log, addLogSink: sink => devices.addLogSink(sink) })),
);
describeMetrics('the simulated Metrics', () => make(({ devices }) => ({ metrics: devices.metrics })));

const makeCounting = (greeting: string): ReturnType<Make<CountingWorld>> =>
  make(({ devices, address }, client, world) => {
    // The suite's service takes each chunk for a line.
    world.network.setConditions({ splitRate: 0 });
    const logged: LogRecord[] = [];
    const healthEvents: string[] = [];
    devices.addLogSink(record => void logged.push(record));
    const health = {
      degrade: (key: string, reason: string) => void healthEvents.push(`+${key} ${reason}`),
      recover: (key: string) => void healthEvents.push(`-${key}`),
    };
    const service = countingService.create({ host: address, greeting }, devices, { health });
    const { metrics } = devices;
    return { service, logged, healthEvents, metrics, tcp: client.devices.tcp, clock: client.devices.clock };
  });
describeService(
  'a simulated service',
  () => makeCounting('hello'),
  async (_url, world) => {
    expect(await tell(world, 'count')).toBe('hello 1');
  },
);
describeSurroundings('a simulated service', makeCounting);
