import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imagesFolder, type Architecture } from '../prebuilt/lock.ts';
import { parseConfiguration, type Configuration } from './fragments.ts';

const fragmentsFolder = fileURLToPath(new URL('fragments', import.meta.url));

/** The paths of the fragments of an architecture, in the order in which they are merged. */
export async function fragmentPaths(architecture: Architecture): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of ['common', architecture]) {
    const names = await readdir(join(fragmentsFolder, folder));
    paths.push(...names.sort().map(name => join(fragmentsFolder, folder, name)));
  }
  return paths;
}

/** Every fragment by its path below `fragments/`, parsed, or as `parse` wants it. */
export async function readFragments<T = Configuration>(
  architecture: Architecture,
  parse: (text: string, where: string) => T = parseConfiguration as (text: string, where: string) => T,
): Promise<Map<string, T>> {
  const fragments = new Map<string, T>();
  for (const path of await fragmentPaths(architecture)) {
    const where = path.slice(fragmentsFolder.length + 1);
    fragments.set(where, parse(await readFile(path, 'utf8'), where));
  }
  return fragments;
}

/** The configuration that the committed kernel was built with. */
export async function readFinalConfiguration(architecture: Architecture): Promise<Configuration> {
  const path = join(imagesFolder, 'prebuilt', architecture, 'kernel.config');
  return parseConfiguration(await readFile(path, 'utf8'), 'kernel.config');
}
