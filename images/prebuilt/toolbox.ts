import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackPackage, type Archive, type DebianPackage } from '../debian/archive.ts';
import type { Origin } from './lock.ts';

const run = promisify(execFile);
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

/**
 * Debian packages unpacked into a folder of their own. Their programs run there under their own ELF loader and libraries,
 * so that what they make does not depend on the release that this machine runs.
 */
export interface Toolbox extends AsyncDisposable {
  /** The path of a file of the packages, such as `usr/sbin/mke2fs`. */
  path(file: string): string;
  /** Runs a program of the packages. @throws Error with its error output when it fails */
  run(
    program: string,
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<void>;
}

export async function openToolbox(
  archive: Archive,
  names: readonly string[],
  cache: string,
): Promise<Toolbox> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-toolbox-'));
  for (const name of names) await unpackPackage(archive.find(name), folder, cache);
  const path = (file: string): string => join(folder, file);
  return {
    path,
    run: async (program, args, environment = {}) => {
      const loader = path(`${LIBRARIES}/ld-linux-x86-64.so.2`);
      await run(loader, ['--library-path', path(LIBRARIES), path(program), ...args], {
        env: { LC_ALL: 'C', TZ: 'UTC', ...environment },
      });
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** What the lock keeps of a package. */
export function originOf(found: DebianPackage): Origin {
  const { name, version, sha256, filename, archive } = found;
  return { package: name, version, sha256, filename, archive };
}
