import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openArchive } from '../debian/archive.ts';
import { GoneError } from '../debian/archive-error.ts';
import { identify, imagesFolder, partNamed, readLock, type Origin, type Part } from '../prebuilt/lock.ts';
import { keepParts } from '../prebuilt/parts.ts';
import { originOf } from '../prebuilt/toolbox.ts';
import { DEBIAN_RELEASE } from '../prebuilt/update.ts';
import { compileKernel, compilerVersion, type CompiledKernel } from './compile.ts';
import { unpackSource } from './source.ts';

const SOURCE_PACKAGE = 'linux-source-6.12';
const LICENSE = 'GPL-2.0-only WITH Linux-syscall-note';
const MADE = 'npm run kernel:build: tinyconfig, images/kernel/fragments, make bzImage';
const workFolder = join(imagesFolder, '../.cache/kernel');

/**
 * Builds the kernel and keeps it under `images/prebuilt/`, with its configuration and its line in the lock.
 * `newest` takes the source that Debian has now, `pinned` that of the lock: for a change of the fragments alone.
 */
export async function buildKernel(which: 'newest' | 'pinned', say: (line: string) => void): Promise<void> {
  const origin = which === 'pinned' ? await pinnedOrigin() : await newestOrigin();
  const folder = join(workFolder, 'build');
  const { image, configuration } = await compileFrom(origin, folder, say);
  await rm(folder, { recursive: true });
  const compiler = compilerVersion();
  const common = { version: origin.version, license: LICENSE, from: [origin], compiler };
  const parts = await keepParts('x86_64', [
    { ...common, name: 'kernel', path: 'kernel', bytes: image, made: MADE },
    {
      ...common,
      name: 'kernel-configuration',
      path: 'kernel.config',
      bytes: new TextEncoder().encode(configuration),
      made: 'the .config of that build, without the lines about the building machine',
    },
  ]);
  for (const part of parts) say(`${part.path}  ${part.version}  ${part.size} bytes  ${part.sha256}`);
}

/** What a rebuild of the committed kernel gave. */
export type Verdict = 'same' | 'different' | 'source no longer on the mirror';

/** Rebuilds the committed kernel from its pinned source and compares the bytes. One that differs is kept to look at. */
export async function verifyKernel(say: (line: string) => void): Promise<Verdict> {
  const kernel = partNamed(await readLock(), 'x86_64', 'kernel');
  const compiler = compilerVersion();
  if (compiler !== kernel.compiler)
    say(`compiler: ${compiler}; the kernel was built with ${kernel.compiler ?? '?'}`);
  const folder = join(workFolder, 'verify');
  try {
    const { image } = await compileFrom(await pinnedOrigin(), folder, say);
    const same = sameBytes(image, kernel);
    if (same) await rm(folder, { recursive: true });
    else say(`the other kernel and its configuration are in ${folder}`);
    return same ? 'same' : 'different';
  } catch (error) {
    if (error instanceof GoneError) return 'source no longer on the mirror';
    throw error;
  }
}

function sameBytes(image: Uint8Array, kernel: Part): boolean {
  return identify(image).sha256 === kernel.sha256;
}

async function compileFrom(
  origin: Origin,
  folder: string,
  say: (line: string) => void,
): Promise<CompiledKernel> {
  say(`${origin.package} ${origin.version}`);
  return compileKernel(await unpackSource(origin, folder), 'x86_64', say);
}

async function newestOrigin(): Promise<Origin> {
  return originOf((await openArchive(DEBIAN_RELEASE, 'amd64')).find(SOURCE_PACKAGE));
}

async function pinnedOrigin(): Promise<Origin> {
  const [origin] = partNamed(await readLock(), 'x86_64', 'kernel').from;
  if (origin === undefined) throw new Error('images/lock.json: the kernel has no source package');
  return origin;
}
