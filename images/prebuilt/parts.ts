import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { identify, lockParts, partPath, type Architecture, type Part } from './lock.ts';

/** A part as its maker gives it: the lock adds size and hash. */
export type MadePart = Omit<Part, 'sha256' | 'size'> & { readonly bytes: Uint8Array };

/** Writes parts to `images/prebuilt/<arch>/` and their lines to the lock. */
export async function keepParts(architecture: Architecture, made: readonly MadePart[]): Promise<Part[]> {
  const parts: Part[] = [];
  for (const { bytes, ...part } of made) {
    const path = partPath(architecture, part);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes, { mode: 0o644 });
    parts.push({ ...part, ...identify(bytes) });
  }
  await lockParts(architecture, parts);
  return parts;
}
