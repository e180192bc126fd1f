import { defineConfig } from 'vitest/config';

/** Unit and simulation tests stand beside their source; tests with real peers and booted images in integration/. */
export default defineConfig({
  test: {
    pool: 'forks',
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
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
