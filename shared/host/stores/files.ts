import { mkdir, open, rename, rm, stat, statfs, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../base/assert.ts';
import { assertPath } from '../../base/store-names.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Appender, Files } from '../../devices/files.ts';
import { DiskAppender } from './appender.ts';
import {
  errorCodeOf,
  hostSyncs,
  ignoreAbsent,
  makeFolder,
  storeError,
  writeAll,
  type Syncs,
} from './durable-files.ts';
import { readRange } from './file-reader.ts';
import { createSnapshots, type Snapshots } from './files-snapshot.ts';
import { above, createFolders, walk, type Folders } from './folders.ts';
import { createFuse } from './fuse.ts';
import { createGate, type Gate } from './gate.ts';

/**
 * Files below `folder`, each under its own path. One process at a time; a file system with hard links (ext4 is what an
 * image has). What an interrupted replace left is removed here.
 */
export async function createHostFiles(folder: string, syncs: Syncs = hostSyncs): Promise<Files> {
  const work = join(folder, WORK_FOLDER);
  await makeFolder(folder, syncs);
  await rm(work, { recursive: true, force: true });
  await mkdir(work);
  return new DiskFiles({ root: folder, work, syncs });
}

interface Place {
  readonly root: string;
  readonly work: string;
  readonly syncs: Syncs;
}

class DiskFiles implements Files {
  readonly #place: Place;
  readonly #folders: Folders;
  readonly #appenders = new Map<string, DiskAppender>();
  readonly #opening = new Set<string>();
  /**
   * Held by everything that gives, takes or changes a name, so that folders do not vanish under a new file and a
   * snapshot sees one moment.
   */
  readonly #names: Gate;
  readonly #snapshots: Snapshots;
  readonly #fuse = createFuse();
  #count = 0;

  constructor(place: Place) {
    const { root, work, syncs } = place;
    this.#place = place;
    this.#folders = createFolders(root, syncs);
    this.#names = createGate(1, NAMES_WAITING_MAX, `files in ${root}`);
    this.#snapshots = createSnapshots({ root, work, names: this.#names, appenders: this.#appenders });
  }

  async *read(
    path: string,
    { start = 0, end = Number.POSITIVE_INFINITY }: { start?: number; end?: number } = {},
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    assertPath(path);
    assert(start >= 0 && end >= start, `a range goes forward from 0: ${start} to ${end}`);
    yield* readRange(this.#locate(path), start, end);
  }

  async size(path: string): Promise<number | undefined> {
    assertPath(path);
    const found = await stat(this.#locate(path)).catch(ignoreAbsent);
    return found?.isFile() === true ? found.size : undefined;
  }

  async append(path: string): Promise<Appender> {
    this.#assertMayChange(path, `append ${path}`);
    this.#opening.add(path);
    try {
      return await this.#names(() => this.#openAppender(path));
    } catch (cause) {
      throw storeError(`append ${path}`, cause);
    } finally {
      this.#opening.delete(path);
    }
  }

  async replace(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const what = `replace ${path}`;
    this.#assertMayChange(path, what);
    await this.#replaceNow(path, content instanceof Uint8Array ? once(content) : content, {
      what,
      // An appender may have been opened while the content came in: it would write on into a file without a name.
      assertPossible: () => this.#assertNoAppender(path, what),
    });
  }

  async remove(path: string): Promise<void> {
    const what = `remove ${path}`;
    this.#assertMayChange(path, what);
    try {
      const stays = await this.#names(async () => {
        this.#assertNoAppender(path, what);
        await unlink(this.#locate(path)).catch(ignoreAbsent);
        return this.#folders.removeEmpty(above(path));
      });
      await this.#fuse.guard(what, () => this.#folders.flush(stays));
    } catch (cause) {
      throw storeError(what, cause);
    }
  }

  async list(folder: string): Promise<string[]> {
    if (folder !== '') assertPath(folder);
    return walk(this.#place.root, folder);
  }

  async space(): Promise<{ freeBytes: number; totalBytes: number }> {
    const { bavail, blocks, bsize } = await statfs(this.#place.root);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  }

  snapshot(): ReturnType<Files['snapshot']> {
    return this.#snapshots.take();
  }

  #locate(path: string): string {
    return join(this.#place.root, path);
  }

  #assertMayChange(path: string, what: string): void {
    assertPath(path);
    this.#fuse.assertWhole();
    if (this.#opening.has(path)) throw new DeviceError('busy', `${what}: an appender is being opened`);
    this.#assertNoAppender(path, what);
  }

  #assertNoAppender(path: string, what: string): void {
    if (this.#appenders.has(path)) throw new DeviceError('busy', `${what}: an appender is open`);
  }

  async #openAppender(path: string): Promise<DiskAppender> {
    const { syncs } = this.#place;
    const { handle, made } = await openOrMake(this.#locate(path), () => this.#folders.make(above(path)));
    try {
      // A process that was killed may have left bytes in memory that were never flushed.
      await syncs.file(handle);
      if (made) await this.#fuse.guard(`append ${path}`, () => this.#folders.flush(above(path)));
      const { size } = await handle.stat();
      const onClose = (): void => void this.#appenders.delete(path);
      const detach = (cutTo: number): Promise<FileHandle | undefined> => this.#detach(path, cutTo);
      const appender = new DiskAppender({ path, handle, size, syncs, detach, onClose });
      this.#appenders.set(path, appender);
      return appender;
    } catch (cause) {
      await handle.close();
      throw cause;
    }
  }

  /** Puts a copy in the file's place where cutting it would take bytes from a running snapshot. */
  async #detach(path: string, size: number): Promise<FileHandle | undefined> {
    if (!this.#snapshots.needs(path, size)) return undefined;
    await this.#replaceNow(path, readRange(this.#locate(path), 0, size), {
      what: `truncate ${path}`,
      assertPossible: () => {},
    });
    return open(this.#locate(path), 'r+');
  }

  async #replaceNow(
    path: string,
    content: AsyncIterable<Uint8Array>,
    { what, assertPossible }: { what: string; assertPossible: () => void },
  ): Promise<void> {
    const temporary = join(this.#place.work, String(this.#count++));
    try {
      // The content must be on disk before a name leads to it.
      await writeTemporary(temporary, content, { what, syncs: this.#place.syncs });
      const name = this.#names(async () => {
        assertPossible();
        await this.#folders.make(above(path));
        await rename(temporary, this.#locate(path));
      });
      await name.catch((cause: unknown) => {
        throw storeError(what, cause);
      });
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw cause;
    }
    await this.#fuse.guard(what, () => this.#folders.flush(above(path)));
  }
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

/** For half-written files and snapshots. No path has a part that begins with a dot. */
const WORK_FOLDER = '.work';
/** More would mean that somebody makes files without waiting for the disk. */
const NAMES_WAITING_MAX = 10_000;
