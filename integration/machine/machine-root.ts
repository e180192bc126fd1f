import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedCompressor } from '../../images/build/block-cache.ts';
import { cacheFolder, SQUASHFS_BLOCK_BYTES } from '../../images/build/build.ts';
import { bundleService } from '../../images/build/bundle.ts';
import { formatCommandLine } from '../../images/build/command-line.ts';
import { assembleRoot, readRuntime } from '../../images/build/root.ts';
import { encodeSquashfs } from '../../images/disk/squashfs/squashfs.ts';
import { readLock } from '../../images/prebuilt/lock.ts';
import type { Guest } from '../../images/run/guest.ts';
import { prebuiltKernel, startGuest } from '../../images/run/guest.ts';
import type { GuestDrive, GuestOptions } from '../../images/run/guest-options.ts';

/** A root file system as an image has it, with a program of these tests in the service's place. */
export interface MachineRoot extends AsyncDisposable {
  readonly folder: string;
  start(drives: readonly GuestDrive[], options?: Omit<GuestOptions, 'drives'>): Promise<Guest>;
}

/** `program` is a file of this folder; `toml` becomes the configuration of the image. */
export async function buildMachineRoot(program: string, toml: string): Promise<MachineRoot> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-machine-'));
  const bundle = await bundleService(`integration/machine/${program}`, false);
  const tree = await assembleRoot(await readLock(), 'x86_64', {
    bundle: bundle.code,
    configuration: toml,
    licences: '',
    content: new Map(),
    runtime: await readRuntime('x86_64'),
  });
  const compress = cachedCompressor(cacheFolder, () => {});
  const root = join(folder, 'root.img');
  await writeFile(root, await encodeSquashfs(tree, { blockBytes: SQUASHFS_BLOCK_BYTES, compress }));
  const commandLine = `root=/dev/vda ${formatCommandLine({ version: 'test', debug: false })}`;
  return {
    folder,
    start: (drives, options = {}) =>
      startGuest({
        kernel: { file: prebuiltKernel, commandLine },
        ...options,
        drives: [{ file: root, snapshot: true }, ...drives],
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
