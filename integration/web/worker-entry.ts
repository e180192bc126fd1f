/** A composition root with the web service alone: what main.ts is, without machine and appliance. Not a test itself. */
import { runHostWorker } from '../../shared/host/devices.ts';
import { webServicePlanes } from '../../services/web-service/http-planes.ts';
import { webServiceJobs } from '../../services/web-service/jobs.ts';
import { webService } from '../../services/web-service/service.ts';

runHostWorker({
  planes: {},
  httpPlanes: webServicePlanes,
  jobs: webServiceJobs,
  services: { [webService.name]: webService },
});
