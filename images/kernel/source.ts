import { execFile } from 'node:child_process';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackPackage } from '../debian/archive.ts';
import type { Origin } from '../prebuilt/lock.ts';
import { packageCache } from '../prebuilt/update.ts';

const run = promisify(execFile);

/** An unpacked kernel source. */
export interface KernelSource {
  /** The folder with the kernel's Makefile. */
  readonly folder: string;
  /** When Debian packed it: the time that the kernel says it was built at. */
  readonly packedAt: Date;
}

/**
 * Unpacks Debian's `linux-source-6.12` into `folder`, which is emptied first.
 * @throws GoneError when the mirror no longer has this version
 */
export async function unpackSource(origin: Origin, folder: string): Promise<KernelSource> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const packed = join(folder, 'package');
  await unpackPackage(origin, packed, packageCache);
  const tarball = join(packed, `usr/src/${origin.package}.tar.xz`);
  const packedAt = (await stat(tarball)).mtime;
  await run('tar', ['--extract', '--xz', '--file', tarball, '--directory', folder]);
  await rm(packed, { recursive: true });
  return { folder: join(folder, origin.package), packedAt };
}
