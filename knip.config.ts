import type { KnipConfig } from 'knip';

/** Entry points that nothing imports: composition roots, the command, tests and what they spawn. */
const config: KnipConfig = {
  entry: [
    'services/*/main.ts',
    'images/cli/main.ts',
    'images/kernel/{build,verify}.ts',
    'images/prebuilt/update.ts',
    'integration/{bench,long}/*.ts',
    'integration/bench/*/*-server.ts',
    'integration/images/other-world.ts',
    '{shared,integration}/**/*-program.ts',
    'integration/appliance/demo.ts',
    'integration/durability/{kill-writer,guest/main}.ts',
    'shared/host/stores/database-worker-main.ts',
  ],
  project: ['shared/**/*.ts', 'services/**/*.ts', 'images/**/*.{ts,mjs}', 'integration/**/*.ts'],
  ignoreExportsUsedInFile: true,
  // Started by their path in node_modules/.bin.
  ignoreDependencies: ['oxlint', 'oxlint-tsgolint', 'prettier'],
  // Programs of the system, installed by the bootstrap or asked for in one clear line.
  ignoreBinaries: [
    'apt-get',
    'delv',
    'dpkg',
    'dpkg-deb',
    'gcc',
    'ip',
    'mkfifo',
    'openssl',
    'pebble',
    'pebble-challtestsrv',
    'script',
    'taskset',
    'xz',
  ],
};

export default config;
