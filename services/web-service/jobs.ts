import { compress } from '../../shared/components/content-codings/compress.ts';
import { COMPRESS_JOB } from '../../shared/components/content-codings/encode-content.ts';
import type { JobTable } from '../../shared/devices/jobs.ts';

/** What this service gives to other threads; a composition root offers it. */
export const webServiceJobs: JobTable = { [COMPRESS_JOB]: compress };
