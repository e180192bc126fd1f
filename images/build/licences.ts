import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../cli/repository.ts';

const LICENCE_FILE = /^(licen[sc]e|copying)/i;
const PREBUILT_LICENCES = 'images/prebuilt/licenses';

/**
 * The licence texts of all that an image holds of others, as one text: those licences ask that they travel with every
 * copy. `packageFolders` are npm packages, from the repository's root; the prebuilt parts' texts are added.
 */
export async function readLicences(packageFolders: readonly string[]): Promise<string> {
  const packages = await Promise.all([...packageFolders].sort().map(readPackageLicence));
  const texts = (await readdir(join(repositoryRoot, PREBUILT_LICENCES))).sort();
  const prebuilt = await Promise.all(texts.map(name => readSection(name, join(PREBUILT_LICENCES, name))));
  const sources = await readSection('kernel, libraries and boot loader', 'images/prebuilt/LICENSES.md');
  return [...packages, sources, ...prebuilt].join('\n');
}

async function readPackageLicence(folder: string): Promise<string> {
  const described = JSON.parse(await readFile(join(repositoryRoot, folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const title = `${described.name} ${described.version} (${described.license ?? 'no licence declared'})`;
  const file = (await readdir(join(repositoryRoot, folder))).sort().find(name => LICENCE_FILE.test(name));
  if (file !== undefined) return readSection(title, join(folder, file));
  return section(title, 'The package declares its licence and comes without the text.');
}

async function readSection(title: string, path: string): Promise<string> {
  return section(title, await readFile(join(repositoryRoot, path), 'utf8'));
}

function section(title: string, text: string): string {
  return `${'='.repeat(78)}\n${title}\n${'='.repeat(78)}\n\n${text.trim()}\n`;
}
