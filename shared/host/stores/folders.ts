import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCodeOf, ignoreAbsent, type Syncs } from './durable-files.ts';
import { createSharedFlush } from './shared-flush.ts';

/** The folders below one root: made and removed with their files, and flushed so that files in them can be found again. */
export interface Folders {
  /** Makes `folder` ('' is the root) and those above it. Call under the lock on names. */
  make(folder: string): Promise<void>;
  /** Removes `folder` and those above it as far as they are empty; gives the first that stays. Call under the lock on names. */
  removeEmpty(folder: string): Promise<string>;
  /** When it resolves, the names in `folder` are durable and so is every folder on the way to it. */
  flush(folder: string): Promise<void>;
}

/** One entry per folder that was made or flushed; a new object where it was removed and made again meanwhile. */
interface Known {
  durable: boolean;
}

export function createFolders(root: string, syncs: Syncs): Folders {
  const known = new Map<string, Known>();
  const flushes = new Map<string, () => Promise<void>>();

  function entry(folder: string): Known {
    const found = known.get(folder) ?? { durable: false };
    known.set(folder, found);
    return found;
  }

  function flushOne(folder: string): Promise<void> {
    const shared = flushes.get(folder) ?? createSharedFlush(() => syncs.folder(join(root, folder)));
    flushes.set(folder, shared);
    return shared();
  }

  async function flush(folder: string): Promise<void> {
    const state = folder === '' ? undefined : entry(folder);
    try {
      await flushOne(folder);
    } catch (cause) {
      // Removed meanwhile, with all that was in it: whoever removed it flushes the folder above.
      if (errorCodeOf(cause) !== 'ENOENT') throw cause;
      return;
    }
    if (state === undefined || state.durable) return;
    await flush(above(folder));
    state.durable = true;
  }

  return {
    async make(folder) {
      if (folder !== '') await mkdir(join(root, folder), { recursive: true });
    },
    async removeEmpty(folder) {
      let current = folder;
      while (current !== '' && (await removeIfEmpty(join(root, current)))) {
        known.delete(current);
        flushes.delete(current);
        current = above(current);
      }
      return current;
    },
    flush,
  };
}

/** The folder that holds `path`, '' for the root. */
export function above(path: string): string {
  const folder = dirname(path);
  return folder === '.' ? '' : folder;
}

/** The files at any depth below `folder`, sorted by code unit. */
export async function walk(root: string, folder: string): Promise<string[]> {
  return (await findFiles(root, folder)).toSorted();
}

async function findFiles(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of (await readdir(join(root, folder), { withFileTypes: true }).catch(ignoreAbsent)) ??
    []) {
    if (entry.name.startsWith('.')) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await findFiles(root, path)));
    else found.push(path);
  }
  return found;
}

async function removeIfEmpty(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (cause) {
    const code = errorCodeOf(cause);
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return false;
    throw cause;
  }
}
