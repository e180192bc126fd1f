import type { JobTable } from '../devices/jobs.ts';

/** The jobs that the suite asks for by name. */
export const complianceJobs: JobTable = {
  'compliance-sum': (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0),
  'compliance-reverse': (bytes: Uint8Array): Uint8Array => bytes.toReversed(),
  'compliance-throw': (message: string): never => {
    throw new RangeError(message);
  },
  'compliance-spin': (): never => {
    for (;;);
  },
};
