/**
 * The peer of the other servers that is ours: see lares-sites.ts. As in the service's main.ts, a worker loads the engine's part alone.
 */
import { runHostWorker } from '../../../shared/host/host-worker.ts';
import { webServicePlanes } from '../../../services/web-service/http-planes.ts';
import { webServiceJobs } from '../../../services/web-service/jobs.ts';

const worlds = { planes: {}, httpPlanes: webServicePlanes, jobs: webServiceJobs, services: {} };

if (!runHostWorker(worlds)) {
  const { serveSites } = await import('./lares-sites.ts');
  const [contentFolder = '', dataFolder = ''] = process.argv.slice(2);
  await serveSites({ entry: import.meta.url, worlds, contentFolder, dataFolder });
}
