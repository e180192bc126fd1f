/** The composition root of the HTTP engine's compliance tests alone: its workers start the faster the less it brings. Not a test itself. */
import { complianceHttpPlanes } from '../../shared/compliance/http-planes.ts';
import { runHttpWorker } from '../../shared/host/http-engine/worker.ts';

runHttpWorker(complianceHttpPlanes);
