import { ENCODE_JOB } from '../../shared/components/content-codings/encode-content.ts';
import { encodeFile } from '../../shared/components/content-codings/encode-file.ts';
import type { JobTable } from '../../shared/devices/jobs.ts';

/** What this service gives to other threads; a composition root offers it. */
export const webServiceJobs: JobTable = { [ENCODE_JOB]: encodeFile };
