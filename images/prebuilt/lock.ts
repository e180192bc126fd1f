import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export type Architecture = 'x86_64';

/** The Debian package that a part is taken from or made of. */
export interface Origin {
  readonly package: string;
  readonly version: string;
  /** SHA-256 of the `.deb`. */
  readonly sha256: string;
  /** Where it lay under the mirror's address. */
  readonly filename: string;
  readonly archive: 'main' | 'security';
}

/** One committed binary. */
export interface Part {
  readonly name: string;
  readonly version: string;
  /** SPDX licence expression. */
  readonly license: string;
  /** Under `images/prebuilt/<arch>/`. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  /** Where it goes in the root file system, with its mode; parts of the disk or of the build have none. */
  readonly install?: { readonly path: string; readonly mode: string };
  readonly from: readonly Origin[];
  /** The command, or the options, that made it. */
  readonly made: string;
  /** The compiler's version line, where one was used. */
  readonly compiler?: string;
}

/** `images/lock.json`: every part that is not npm's, by architecture. */
export type Lock = Readonly<Record<Architecture, readonly Part[]>>;

export const imagesFolder: string = fileURLToPath(new URL('..', import.meta.url));
const lockPath = `${imagesFolder}lock.json`;

export async function readLock(): Promise<Lock> {
  return JSON.parse(await readFile(lockPath, 'utf8')) as Lock;
}

/** @throws Error when the lock names no such part: the name is a constant of this repository */
export function partNamed(lock: Lock, architecture: Architecture, name: string): Part {
  const part = lock[architecture].find(candidate => candidate.name === name);
  if (part === undefined) throw new Error(`images/lock.json has no part "${name}" for ${architecture}`);
  return part;
}

/** Where a part lies in this working tree. */
export function partPath(architecture: Architecture, part: Pick<Part, 'path'>): string {
  return `${imagesFolder}prebuilt/${architecture}/${part.path}`;
}

/** Puts parts into the lock, each in the place of the one with its name; the order is that of the paths. */
export async function lockParts(architecture: Architecture, parts: readonly Part[]): Promise<void> {
  const lock = await readLock();
  const names = new Set(parts.map(part => part.name));
  const kept = lock[architecture].filter(part => !names.has(part.name));
  const all = [...kept, ...parts].sort((left, right) => (left.path < right.path ? -1 : 1));
  await writeFile(lockPath, `${JSON.stringify({ ...lock, [architecture]: all }, undefined, 2)}\n`);
}

/** The two facts that identify a file. */
export function identify(bytes: Uint8Array): { sha256: string; size: number } {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}
