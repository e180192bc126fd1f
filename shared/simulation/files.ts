import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { Appender, Files } from '../devices/files.ts';
import type { Inode, SimulatedDisk } from './disk.ts';
import { InTurn } from './in-turn.ts';
import type { Life } from './life.ts';

const FOLDER = 'files/';
const TEMPORARY = 'files-temporary/';
const PATH = /^[^./\0][^/\0]{0,254}(?:\/[^./\0][^/\0]{0,254})*$/;

/** A reader gets pieces, not the file, as it would from a real disk. */
const CHUNK_BYTES = 65_536;

export function createSimulatedFiles(disk: SimulatedDisk, life: Life): Files {
  for (const path of disk.paths(TEMPORARY)) disk.remove(path);
  const context: FilesContext = { disk, life, openPaths: new Set(), inTurn: new InTurn(), counter: 0 };
  return {
    read: (path, range = {}) => read(context, path, range),
    async size(path) {
      checked(path);
      await disk.access(life);
      return disk.find(FOLDER + path)?.size;
    },
    async append(path) {
      return openAppender(context, checked(path));
    },
    async replace(path, content) {
      await replace(context, checked(path), content);
    },
    async remove(path) {
      await context.inTurn.run(checked(path), async () => {
        await disk.access(life);
        refuseOpen(context, path);
        if (disk.find(FOLDER + path) === undefined) return;
        life.record(`files remove ${path}`);
        disk.remove(FOLDER + path);
        await disk.syncNames(life);
      });
    },
    async list(folder) {
      await disk.access(life);
      const prefix = folder === '' ? FOLDER : `${FOLDER}${folder.replace(/\/$/, '')}/`;
      return disk.paths(prefix).map(path => path.slice(FOLDER.length));
    },
    async space() {
      await disk.access(life);
      return { freeBytes: disk.totalBytes - disk.usedBytes, totalBytes: disk.totalBytes };
    },
    snapshot: () => snapshot(context),
  };
}

interface FilesContext {
  readonly disk: SimulatedDisk;
  readonly life: Life;
  readonly openPaths: Set<string>;
  readonly inTurn: InTurn;
  counter: number;
}

function checked(path: string): string {
  assert(PATH.test(path), `not a path: '${path}'`);
  return path;
}

async function* read(
  { disk, life }: FilesContext,
  path: string,
  { start = 0, end }: { start?: number; end?: number },
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  await disk.access(life);
  const inode = disk.find(FOLDER + checked(path));
  if (inode === undefined) throw new DeviceError('not-found', `there is no file ${path}`);
  const limit = Math.min(end ?? inode.size, inode.size);
  for (let offset = start; offset < limit; offset += CHUNK_BYTES) {
    yield inode.bytes.slice(offset, Math.min(offset + CHUNK_BYTES, limit));
    await disk.access(life);
  }
}

async function replace(
  context: FilesContext,
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const { disk, life } = context;
  const temporary = `${TEMPORARY}${context.counter++}`;
  const inode = disk.create(temporary);
  try {
    for await (const chunk of content instanceof Uint8Array ? [content.slice()] : content)
      disk.append(inode, chunk);
    await disk.sync(inode, life);
  } catch (error) {
    disk.remove(temporary);
    throw error;
  }
  await context.inTurn.run(path, async () => {
    if (context.openPaths.has(path)) disk.remove(temporary);
    refuseOpen(context, path);
    disk.rename(temporary, FOLDER + path);
    await disk.syncNames(life);
  });
  life.record(`files replace ${path} ${inode.size} B`);
}

async function* snapshot({
  disk,
  life,
}: FilesContext): AsyncGenerator<{ path: string; content: AsyncIterable<Uint8Array> }, void, undefined> {
  await disk.access(life);
  const files = disk.paths(FOLDER).map(path => {
    const inode = disk.find(path);
    return {
      path: path.slice(FOLDER.length),
      bytes: inode?.bytes.slice(0, inode.syncedBytes) ?? new Uint8Array(),
    };
  });
  for (const { path, bytes } of files) yield { path, content: oneChunk(bytes) };
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.length > 0) yield bytes;
}

function refuseOpen({ openPaths }: FilesContext, path: string): void {
  if (openPaths.has(path)) throw new DeviceError('busy', `${path} is open for appending`);
}

async function openAppender(context: FilesContext, path: string): Promise<Appender> {
  const { disk, life, openPaths } = context;
  refuseOpen(context, path);
  openPaths.add(path);
  await disk.access(life);
  const found = disk.find(FOLDER + path);
  return new DiskAppender(context, path, found ?? disk.create(FOLDER + path));
}

class DiskAppender implements Appender {
  readonly #context: FilesContext;
  readonly #path: string;
  readonly #inode: Inode;
  readonly #inTurn = new InTurn();
  /** Sync calls that came while one runs share the next one. */
  #nextSync: Promise<void> | undefined;
  /** After a failed sync nobody knows what is on the disk: nothing more is promised until the file is opened again. */
  #fault: unknown;
  #isClosed = false;

  constructor(context: FilesContext, path: string, inode: Inode) {
    this.#context = context;
    this.#path = path;
    this.#inode = inode;
  }

  get size(): number {
    return this.#inode.size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#checkUsable();
    const { disk, life } = this.#context;
    const copy = concatBytes([bytes]);
    await this.#inTurn.run('', async () => {
      disk.append(this.#inode, copy);
      await disk.access(life);
    });
  }

  async sync(): Promise<void> {
    this.#checkUsable();
    this.#nextSync ??= this.#inTurn.run('', () => this.#flush());
    await this.#nextSync;
  }

  async truncate(size: number): Promise<void> {
    this.#checkUsable();
    const { disk } = this.#context;
    await this.#inTurn.run('', async () => {
      assert(
        size <= this.#inode.size,
        `${this.#path} has ${this.#inode.size} bytes and cannot be cut to ${size}`,
      );
      disk.cut(this.#inode, size);
      await this.#flush();
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#inTurn.run('', () => this.#context.disk.access(this.#context.life));
    this.#context.openPaths.delete(this.#path);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #flush(): Promise<void> {
    this.#nextSync = undefined;
    const { disk, life } = this.#context;
    const { size } = this.#inode;
    try {
      await disk.sync(this.#inode, life);
      await disk.syncNames(life);
    } catch (error) {
      this.#fault = error;
      throw error;
    }
    life.record(`files sync ${this.#path} ${size} B`);
  }

  #checkUsable(): void {
    if (this.#isClosed) throw new DeviceError('closed', `the appender of ${this.#path} is closed`);
    if (this.#fault !== undefined)
      throw new DeviceError('failed', `${this.#path} failed to sync and must be opened again`, {
        cause: this.#fault,
      });
  }
}
