/** The composition root of the host's compliance tests: what a service's main.ts is to an appliance. Not a test itself. */
import { runHostWorker, type HostWorlds } from '../../shared/host/devices.ts';
import { complianceJobs } from '../../shared/compliance/job-table.ts';
import { countingService } from '../../shared/compliance/counting-service.ts';
import { compliancePlanes } from '../../shared/compliance/udp-planes.ts';

export const complianceWorlds: HostWorlds = {
  planes: compliancePlanes,
  jobs: complianceJobs,
  services: { 'counting-service': countingService },
};

runHostWorker(complianceWorlds);
