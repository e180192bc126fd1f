import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeClock } from '../compliance/clock.ts';
import { complianceWorlds } from '../../integration/host/compliance-entry.ts';
import { describeHttp } from '../compliance/http.ts';
import { describeJobs } from '../compliance/jobs.ts';
import { describeLog } from '../compliance/log.ts';
import { describeMetrics } from '../compliance/metrics.ts';
import { describeRandom } from '../compliance/random.ts';
import { describeTcp } from '../compliance/tcp.ts';
import { describeTls } from '../compliance/tls.ts';
import { describeUdp } from '../compliance/udp.ts';
import { createHostDevices, type HostDevices } from './devices.ts';
import { createHostUdp } from './udp.ts';

const entry = new URL('../../integration/host/compliance-entry.ts', import.meta.url).href;

/** Devices of this host with a data folder of their own. */
async function open(): Promise<HostDevices> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'lares-devices-'));
  const options = { entry, dataFolder, ...complianceWorlds, logOutput: false, logLevel: 'debug' } as const;
  const devices = await createHostDevices(options);
  return {
    ...devices,
    async [Symbol.asyncDispose]() {
      await devices[Symbol.asyncDispose]();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

const address = '127.0.0.1';

describeClock('the host', open);
describeRandom('the host', open);
describeTcp('the host', async () => {
  const devices = await open();
  return { ...devices, server: devices.tcp, client: devices.tcp, address, unknownName: 'absent.invalid' };
});
describeTcp('the host on IPv6', async () => {
  const devices = await open();
  return {
    ...devices,
    server: devices.tcp,
    client: devices.tcp,
    address: '::1',
    unknownName: 'absent.invalid',
  };
});
describeTls('the host', async () => {
  const devices = await open();
  return { ...devices, server: devices, client: devices, address };
});
for (const engine of ['batched', 'portable'] as const)
  for (const host of ['127.0.0.1', '::1'])
    describeUdp(`the host (${engine}, ${host})`, async () => {
      const devices = await open();
      const planes = complianceWorlds.planes;
      const udp = createHostUdp({ entry: new URL(entry), planes, log: devices.log, engine });
      return { ...devices, server: udp, client: udp, address: host, clientAddress: host };
    });
describeHttp('the host', async () => {
  const devices = await open();
  return { ...devices, server: devices.tcp, client: devices.http, address };
});
describeJobs('the host', async () => ({ ...(await open()), canEndJobs: true }));
describeLog('the host', open);
describeMetrics('the host', open);
