import { readFile, readdir } from 'node:fs/promises';
import type { Archive, DebianPackage } from '../debian/archive.ts';
import { ArchiveError } from '../debian/archive-error.ts';
import { interpreter, neededLibraries } from './elf.ts';
import { originOf, openToolbox } from './toolbox.ts';
import type { MadePart } from './parts.ts';

const FOLDER = 'usr/lib/x86_64-linux-gnu';
const GCC_LICENSE = 'GPL-3.0-or-later WITH GCC-exception-3.1';

/** The packages that the runtime's libraries come from, with their licences (SPDX). */
const PACKAGES: Readonly<Record<string, string>> = {
  libc6: 'LGPL-2.1-or-later',
  'libstdc++6': GCC_LICENSE,
  'libgcc-s1': GCC_LICENSE,
  libatomic1: GCC_LICENSE,
};

interface Library {
  readonly bytes: Uint8Array;
  readonly found: DebianPackage;
}

/**
 * The ELF loader and every shared library that `runtime` needs, found by following DT_NEEDED. Only the loader may be
 * executed: a library is mapped, and needs no execute bit for that.
 * @throws ArchiveError when a library is in none of the packages
 */
export async function makeLibraries(
  archive: Archive,
  runtime: Uint8Array,
  cache: string,
): Promise<MadePart[]> {
  const available = await readLibraries(archive, cache);
  const loader = interpreter(runtime)?.split('/').at(-1) ?? '';
  const wanted = [loader, ...neededLibraries(runtime)];
  const parts = new Map<string, MadePart>();
  for (const name of wanted) {
    if (parts.has(name)) continue;
    const library = available.get(name);
    if (library === undefined)
      throw new ArchiveError(
        `${name}, which the runtime needs, is in none of ${Object.keys(PACKAGES).join(', ')}.`,
      );
    parts.set(name, partOf(name, library, name === loader));
    wanted.push(...neededLibraries(library.bytes));
  }
  return [...parts.values()];
}

async function readLibraries(archive: Archive, cache: string): Promise<Map<string, Library>> {
  const libraries = new Map<string, Library>();
  for (const name of Object.keys(PACKAGES)) {
    const found = archive.find(name);
    await using toolbox = await openToolbox(archive, [name], cache);
    const entries = await readdir(toolbox.path(FOLDER), { withFileTypes: true });
    // Programs ask by soname; the soname of a library is a symbolic link, of libc a file.
    for (const entry of entries.filter(({ name: file }) => file.includes('.so')))
      if (!entry.isDirectory())
        libraries.set(entry.name, { bytes: await readFile(toolbox.path(`${FOLDER}/${entry.name}`)), found });
  }
  return libraries;
}

function partOf(name: string, { bytes, found }: Library, isLoader: boolean): MadePart {
  const install = isLoader
    ? { path: `/lib64/${name}`, mode: '0755' }
    : { path: `/lib/x86_64-linux-gnu/${name}`, mode: '0644' };
  return {
    bytes,
    name,
    version: found.version,
    license: PACKAGES[found.name] ?? '',
    path: `lib/${name}`,
    install,
    from: [originOf(found)],
    made: 'copied from the package',
  };
}
