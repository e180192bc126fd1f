import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../cli/repository.ts';

/** An npm package as the lock file pins it. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX licence expression, as the package gives it. */
  readonly license: string;
  /** Subresource integrity: `sha512-…` in base64. */
  readonly integrity: string | undefined;
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
}

/** @throws Error where a folder is not one of package-lock.json: then the installed packages are others */
export async function readNpmPackages(folders: readonly string[]): Promise<NpmPackage[]> {
  const lock = JSON.parse(await readFile(join(repositoryRoot, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, LockEntry>>;
  };
  return Promise.all(folders.map(folder => readNpmPackage(folder, lock.packages[folder])));
}

async function readNpmPackage(folder: string, entry: LockEntry | undefined): Promise<NpmPackage> {
  const described = JSON.parse(await readFile(join(repositoryRoot, folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  if (entry?.version !== described.version) {
    throw new Error(
      `${folder}: version ${described.version} is installed, package-lock.json says ${entry?.version ?? 'nothing'}; run npm ci`,
    );
  }
  return {
    name: described.name,
    version: described.version,
    license: described.license ?? 'NOASSERTION',
    integrity: entry.integrity,
  };
}
