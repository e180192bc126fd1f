import { cp, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { identify } from '../../images/prebuilt/lock.ts';
import { run } from './scratch.ts';

/** What a build reads. */
const SOURCES = ['images', 'shared', 'services', 'configs', 'package.json', 'package-lock.json'] as const;

/** Without a cache the runtime is compressed anew, on two busy cores for some minutes. */
const BUILD_TIMEOUT_MS = 900_000;

describe('two builds of one source', () => {
  it(
    'give the same bytes in another folder, without a cache, with another umask, clock, time zone and language',
    async () => {
      await mkdir(join(repositoryRoot, '.cache'), { recursive: true });
      const other = await mkdtemp(join(repositoryRoot, '.cache', 'another checkout '));
      try {
        const copy = join(other, 'lares');
        for (const source of SOURCES)
          await cp(join(repositoryRoot, source), join(copy, source), { recursive: true });
        await run('cp', '-al', join(repositoryRoot, 'node_modules'), join(copy, 'node_modules'));
        const first = await build(repositoryRoot, join(other, 'first'), { HOME: other });
        const world = join(copy, '..', 'other-world.ts');
        await cp(join(import.meta.dirname, 'other-world.ts'), world);
        const second = await build(copy, join(other, 'second'), {
          HOME: join(other, 'elsewhere'),
          TZ: 'Asia/Kathmandu',
          LC_ALL: 'tr_TR.UTF-8',
          NODE_OPTIONS: `--import=${new URL(`file://${world}`).href}`,
        });
        expect(second).toEqual(first);
        expect([...first.keys()]).toEqual(
          expect.arrayContaining(['disk.img', 'kernel', 'manifest.json', 'root.img']),
        );
      } finally {
        await rm(other, { recursive: true, force: true });
      }
    },
    2 * BUILD_TIMEOUT_MS,
  );
});

async function build(
  root: string,
  out: string,
  environment: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, string>> {
  const settings = Object.entries({ ...environment, XDG_CONFIG_HOME: `${out}-no-operator` });
  const node = [
    join(root, 'node_modules/.bin/node'),
    '--experimental-ffi',
    '--disable-warning=ExperimentalWarning',
  ];
  const command = [join(root, 'images/cli/main.ts'), 'build', 'web-service', '--out', out];
  await run('env', ...settings.map(([name, value]) => `${name}=${value}`), ...node, ...command);
  const hashes = new Map<string, string>();
  const entries = await readdir(out, { withFileTypes: true, recursive: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  for (const file of files.toSorted()) hashes.set(relative(out, file), identify(await readFile(file)).sha256);
  return hashes;
}
