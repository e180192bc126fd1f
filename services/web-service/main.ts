import { runAppliance } from '../../shared/appliance/run.ts';
import { createHostDevices, createProcessPlatform, runHostWorker } from '../../shared/host/devices.ts';
import { bootMachine, isMachine } from '../../shared/machine/machine.ts';
import { networkConfiguration } from '../../shared/machine/network-configuration.ts';
import { webServicePlanes } from './http-planes.ts';
import { webServiceJobs } from './jobs.ts';
import { webService } from './service.ts';

const service = webService.name;
const worlds = {
  planes: {},
  httpPlanes: webServicePlanes,
  jobs: webServiceJobs,
  services: { [service]: webService },
};

// There is one bundle: a worker looks first at what it was started for, and gets no further.
if (!runHostWorker(worlds)) {
  const platform = isMachine()
    ? await bootMachine({ service })
    : createProcessPlatform(process.argv.slice(2), service);
  const devices = await createHostDevices({
    entry: import.meta.url,
    dataFolder: platform.dataFolder,
    ...worlds,
  });
  await runAppliance({
    platform,
    devices,
    definition: webService,
    platformConfiguration: networkConfiguration,
  });
}
