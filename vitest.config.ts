import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Workers and programs that tests start strip the types of hundreds of modules each: those that follow take what the first has made.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '.cache', 'compiled');

/** What builds images or boots guests: files that share `dist/` and each fill a processor for a while. */
const MACHINES = [
  'integration/images/**/*.test.ts',
  'integration/{certificates,machine}/boot.test.ts',
  'integration/durability/power-cut.test.ts',
];
const PATIENT = { testTimeout: 300_000, hookTimeout: 300_000 };

/** The longest first: one that began as the last would leave the other processors with nothing to do. */
const LONGEST = [
  'images/cli/scenarios/certificates/certificates.test.ts',
  'shared/host/http-engine/http-engine.test.ts',
  'shared/host/devices.test.ts',
  'shared/components/front/front.test.ts',
  'integration/web/crowd.test.ts',
  'integration/releases/git-follow.test.ts',
  'integration/web/front.test.ts',
  'integration/certificates/restart.test.ts',
  'integration/certificates/pebble.test.ts',
  'integration/appliance/admin.test.ts',
  'integration/certificates/dns-update.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number =>
      LONGEST.findLastIndex(path => moduleId.endsWith(`/${path}`)) + 1 || LONGEST.length + 1;
    return (await super.sort(files)).toSorted((left, right) => place(left) - place(right));
  }
}

/** Unit and simulation tests stand beside their source; tests with real peers and booted images in integration/. */
export default defineConfig({
  test: {
    pool: 'forks',
    // By default one processor is left to whoever looks on, which is half of two.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    // Workers of a fork inherit these, so that device tests may use node:ffi.
    execArgv: ['--experimental-ffi', '--no-warnings=ExperimentalWarning'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['shared/**/*.test.ts', 'services/**/*.test.ts', 'images/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['integration/**/*.test.ts'],
          exclude: MACHINES,
          // Half of it is waiting, for time-outs and retries of real peers.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...PATIENT,
        },
      },
      {
        extends: true,
        test: { name: 'machines', include: MACHINES, fileParallelism: false, ...PATIENT },
      },
    ],
  },
});
