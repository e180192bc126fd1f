import type { Verb } from './verb.ts';

/** The `lares` command: `lares <verb> …`. A verb's module is loaded only when it is asked for. */
const verbs: Readonly<Record<string, () => Promise<{ verb: Verb }>>> = {
  boot: () => import('./verbs/boot.ts'),
  build: () => import('./verbs/build.ts'),
  bench: () => import('./verbs/bench.ts'),
  check: () => import('./verbs/check.ts'),
  config: () => import('./verbs/config.ts'),
  'kernel-build': () => import('./verbs/kernel-build.ts'),
  'kernel-verify': () => import('./verbs/kernel-verify.ts'),
  keys: () => import('./verbs/keys.ts'),
  'lock-update': () => import('./verbs/lock-update.ts'),
  logs: () => import('./verbs/logs.ts'),
  open: () => import('./verbs/open.ts'),
  site: () => import('./verbs/site.ts'),
  sim: () => import('./verbs/sim.ts'),
  start: () => import('./verbs/start.ts'),
  test: () => import('./verbs/test.ts'),
  'test-long': () => import('./verbs/test-long.ts'),
  up: () => import('./verbs/up.ts'),
  vendor: () => import('./verbs/vendor.ts'),
  web: () => import('./verbs/web.ts'),
  zone: () => import('./verbs/zone.ts'),
};

async function main(): Promise<number> {
  const name = process.argv[2] ?? 'help';
  const load = verbs[name];
  if (load !== undefined) return (await load()).verb.run(process.argv.slice(3));
  for (const [known, loadKnown] of Object.entries(verbs))
    console.log(`  ${known.padEnd(16)} ${(await loadKnown()).verb.summary}`);
  if (name === 'help') return 0;
  console.error(`lares: there is no verb '${name}'; the verbs are listed above`);
  return 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`lares: ${error instanceof Error ? error.message : String(error)}`);
  if (process.env['LARES_DEBUG'] !== undefined) console.error(error);
  process.exitCode = 1;
}
