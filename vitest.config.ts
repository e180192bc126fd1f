import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Workers and programs that tests start strip the types of hundreds of modules each: those that follow take what the first has made.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '.cache', 'compiled');

/** What builds images, boots guests or is a machine: files that share `dist/` and each fill a processor for a while. */
const MACHINES = [
  'integration/{images,machine,durability}/**/*.test.ts',
  'integration/certificates/{boot,restart}.test.ts',
];
const ONE_AT_A_TIME = { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false };

/** Unit and simulation tests stand beside their source; tests with real peers and booted images in integration/. */
export default defineConfig({
  test: {
    pool: 'forks',
    // By default one processor is left to whoever looks on, which is half of two.
    maxWorkers: '100%',
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
          ...ONE_AT_A_TIME,
        },
      },
      { extends: true, test: { name: 'machines', include: MACHINES, ...ONE_AT_A_TIME } },
    ],
  },
});
