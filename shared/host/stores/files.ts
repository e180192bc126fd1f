import { mkdir, open, readdir, rename, rm, stat, statfs, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../base/assert.ts';
import { assertPath } from '../../base/store-names.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Appender, Files } from '../../devices/files.ts';
import { createAppender, type HostAppender } from './appender.ts';
import { errorCodeOf, hostSyncs, makeFolder, storeError, writeAll, type Syncs } from './durable-files.ts';
import { readRange } from './file-reader.ts';
import { createSnapshots } from './files-snapshot.ts';
import { above, createFolders } from './folders.ts';
import { createGate } from './gate.ts';

/**
 * Files below `folder`, each under its own path. One process at a time; a file system with hard links (ext4 is what an
 * image has). What an interrupted replace left is removed here.
 */
export async function createHostFiles(folder: string, syncs: Syncs = hostSyncs): Promise<Files> {
  const work = join(folder, WORK_FOLDER);
  await makeFolder(folder, syncs);
  await rm(work, { recursive: true, force: true });
  await mkdir(work);
  return openFiles({ root: folder, work, syncs });
}

interface Store {
  readonly root: string;
  readonly work: string;
  readonly syncs: Syncs;
}

function openFiles(store: Store): Files {
  const { root, work, syncs } = store;
  const folders = createFolders(root, syncs);
  const appenders = new Map<string, HostAppender>();
  const opening = new Set<string>();
  // Everything that gives, takes or changes a name, so that folders do not vanish under a new file and a snapshot sees one moment.
  const names = createGate(1, NAMES_WAITING_MAX, `files in ${root}`);
  const snapshots = createSnapshots({ root, work, names, walk, appenders });
  let count = 0;
  let failure: DeviceError | undefined;

  /** See the appender: after a failed fsync nothing can be promised until the store is opened again. */
  async function makeDurable(folder: string, what: string): Promise<void> {
    try {
      await folders.flush(folder);
    } catch (cause) {
      failure ??= storeError(`${what} (the store takes nothing more until it is opened again)`, cause);
      throw failure;
    }
  }

  function assertNotOpen(path: string, what: string): void {
    if (appenders.has(path) || opening.has(path))
      throw new DeviceError('busy', `${what}: an appender is open`);
  }

  async function openForAppending(path: string): Promise<HostAppender> {
    const { handle, made } = await openOrMake(join(root, path), () => folders.make(above(path)));
    try {
      // A process that was killed may have left bytes in memory that were never flushed.
      await syncs.file(handle);
      if (made) await makeDurable(above(path), `append ${path}`);
      const { size } = await handle.stat();
      const onClose = (): void => void appenders.delete(path);
      const appender = createAppender({ path, handle, size, syncs, detach, onClose });
      appenders.set(path, appender);
      return appender;
    } catch (cause) {
      await handle.close();
      throw cause;
    }

    async function detach(size: number): Promise<FileHandle | undefined> {
      if (!snapshots.needs(path, size)) return undefined;
      await replaceNow(path, readRange(join(root, path), 0, size), `truncate ${path}`);
      return open(join(root, path), 'r+');
    }
  }

  async function replaceNow(path: string, content: AsyncIterable<Uint8Array>, what: string): Promise<void> {
    const temporary = join(work, String(count++));
    try {
      // The content must be on disk before a name leads to it.
      await writeTemporary(temporary, content, { what, syncs });
      await names(async () => {
        await folders.make(above(path));
        await rename(temporary, join(root, path));
      }).catch((cause: unknown) => {
        throw storeError(what, cause);
      });
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw cause;
    }
    await makeDurable(above(path), what);
  }

  async function removeNow(path: string): Promise<void> {
    const what = `remove ${path}`;
    try {
      const stays = await names(async () => {
        await unlink(join(root, path)).catch(ignoreAbsent);
        return folders.removeEmpty(above(path));
      });
      await makeDurable(stays, what);
    } catch (cause) {
      throw storeError(what, cause);
    }
  }

  async function walk(folder: string): Promise<string[]> {
    const found: string[] = [];
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(absentFolder);
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) found.push(...(await walk(path)));
      else found.push(path);
    }
    return found;
  }

  return {
    async *read(path, range = {}) {
      assertPath(path);
      const { start = 0, end = Number.POSITIVE_INFINITY } = range;
      assert(start >= 0 && end >= start, `a range goes forward from 0: ${start} to ${end}`);
      yield* readRange(join(root, path), start, end);
    },
    async size(path) {
      assertPath(path);
      const found = await stat(join(root, path)).catch(ignoreAbsent);
      return found?.isFile() === true ? found.size : undefined;
    },
    async append(path): Promise<Appender> {
      assertPath(path);
      if (failure !== undefined) throw failure;
      assertNotOpen(path, `append ${path}`);
      opening.add(path);
      try {
        return await names(() => openForAppending(path));
      } catch (cause) {
        throw storeError(`append ${path}`, cause);
      } finally {
        opening.delete(path);
      }
    },
    async replace(path, content) {
      assertPath(path);
      if (failure !== undefined) throw failure;
      assertNotOpen(path, `replace ${path}`);
      await replaceNow(path, content instanceof Uint8Array ? once(content) : content, `replace ${path}`);
    },
    async remove(path) {
      assertPath(path);
      if (failure !== undefined) throw failure;
      assertNotOpen(path, `remove ${path}`);
      await removeNow(path);
    },
    async list(folder) {
      if (folder !== '') assertPath(folder);
      return (await walk(folder)).toSorted();
    },
    async space() {
      const { bavail, blocks, bsize } = await statfs(root);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
    snapshot: () => snapshots.take(),
  };
}

async function openOrMake(
  path: string,
  makeFolders: () => Promise<void>,
): Promise<{ handle: FileHandle; made: boolean }> {
  try {
    return { handle: await open(path, 'r+'), made: false };
  } catch (cause) {
    if (errorCodeOf(cause) !== 'ENOENT') throw cause;
  }
  await makeFolders();
  return { handle: await open(path, 'wx+', 0o600), made: true };
}

/** Faults of the disk become device errors; what `content` throws is passed on as it is. */
async function writeTemporary(
  path: string,
  content: AsyncIterable<Uint8Array>,
  { what, syncs }: { what: string; syncs: Syncs },
): Promise<void> {
  const asStoreError = (cause: unknown): never => {
    throw storeError(what, cause);
  };
  const handle = await open(path, 'wx', 0o600).catch(asStoreError);
  try {
    let size = 0;
    for await (const chunk of content) {
      await writeAll(handle, chunk, size).catch(asStoreError);
      size += chunk.length;
    }
    await syncs.file(handle).catch(asStoreError);
  } finally {
    await handle.close();
  }
}

async function* once(content: Uint8Array): AsyncIterable<Uint8Array> {
  yield content;
}

function ignoreAbsent(cause: unknown): undefined {
  const code = errorCodeOf(cause);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cause;
}

function absentFolder(cause: unknown): never[] {
  ignoreAbsent(cause);
  return [];
}

/** For half-written files and snapshots. No path has a part that begins with a dot. */
const WORK_FOLDER = '.work';
/** More would mean that somebody makes files without waiting for the disk. */
const NAMES_WAITING_MAX = 10_000;
