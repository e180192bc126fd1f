import { runHostWorker } from '../../shared/host/host-worker.ts';
import { dnsServicePlanes } from './planes.ts';
import { dnsServiceJobs } from './zones/read-job.ts';

const worlds = { planes: dnsServicePlanes, jobs: dnsServiceJobs, services: {} };

// There is one program, and a worker begins where the main thread does: it looks first at what it was started for, and the appliance is
// never loaded into its heap.
if (!runHostWorker(worlds)) await run();

async function run(): Promise<void> {
  const [{ runAppliance }, host, { bootMachine, isMachine }, { networkConfiguration }, { dnsService }] =
    await Promise.all([
      import('../../shared/appliance/run.ts'),
      import('../../shared/host/devices.ts'),
      import('../../shared/machine/machine.ts'),
      import('../../shared/machine/network-configuration.ts'),
      import('./service.ts'),
    ]);
  const service = dnsService.name;
  const platform = isMachine()
    ? await bootMachine({ service })
    : host.createProcessPlatform(process.argv.slice(2), service);
  const { dataFolder } = platform;
  await runAppliance({
    platform,
    devices: await host.createHostDevices({ entry: import.meta.url, dataFolder, ...worlds }),
    definition: dnsService,
    platformConfiguration: networkConfiguration,
  });
}
