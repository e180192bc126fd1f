import { link, mkdir, open, readFile, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { assertKey } from '../../base/store-names.ts';
import { DeviceError } from '../../devices/device-error.ts';
import { VALUE_MAX_BYTES, type KeyValue } from '../../devices/key-value.ts';
import { errorCodeOf, hostSyncs, makeFolder, storeError, writeAll, type Syncs } from './durable-files.ts';
import { createFuse } from './fuse.ts';
import { createGate, createLanes, type Gate } from './gate.ts';
import { decodeRecord, encodeRecord } from './key-value-record.ts';
import { createSharedFlush } from './shared-flush.ts';

/**
 * Each key a file of its own in `folder`, replaced by rename: nothing is written but what is put, and a cut leaves the
 * old file or the new one. One process at a time; folders on case-sensitive file systems with hard links (ext4 is what an image has).
 */
export async function createHostKeyValue(folder: string, syncs: Syncs = hostSyncs): Promise<KeyValue> {
  const work = join(folder, WORK_FOLDER);
  await makeFolder(folder, syncs);
  // What a crash left half written was never acknowledged.
  await rm(work, { recursive: true, force: true });
  await mkdir(work);
  return new DiskKeyValue({ folder, work, syncs });
}

interface Place {
  readonly folder: string;
  readonly work: string;
  readonly syncs: Syncs;
}

class DiskKeyValue implements KeyValue {
  readonly #place: Place;
  readonly #keys = createLanes();
  readonly #writers: Gate;
  readonly #names: Gate;
  readonly #fuse = createFuse();
  readonly #flushFolder: () => Promise<void>;
  #count = 0;

  constructor(place: Place) {
    const what = `key-value store ${place.folder}`;
    this.#place = place;
    this.#writers = createGate(WRITERS_MAX, WAITING_MAX, what);
    // Held by writers and snapshots alone, of which there are not many.
    this.#names = createGate(1, WRITERS_MAX * 2, what);
    this.#flushFolder = createSharedFlush(() => place.syncs.folder(place.folder));
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    assertKey(key);
    return this.#keys(key, () => readRecord(this.#pathOf(key), key));
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    assertKey(key);
    if (value.length > VALUE_MAX_BYTES)
      throw new DeviceError('too-large', `put ${key}: ${value.length} bytes, at most ${VALUE_MAX_BYTES}`);
    await this.#keys(key, () => this.#writers(() => this.#putNow(key, value)));
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    await this.#keys(key, () => this.#writers(() => this.#deleteNow(key)));
  }

  async list(prefix: string): Promise<string[]> {
    return (await keysIn(this.#place.folder)).filter(key => key.startsWith(prefix)).toSorted();
  }

  async *snapshot(): AsyncGenerator<readonly [key: string, value: Uint8Array<ArrayBuffer>]> {
    const { folder, work } = this.#place;
    const frozen = join(work, `snapshot-${this.#count++}`);
    try {
      // Links to the files as they are now: later puts and deletes change names in the store and leave these alone.
      await mkdir(frozen);
      await this.#names(() => linkAll(folder, frozen));
      for (const key of (await keysIn(frozen)).toSorted()) {
        const value = await readRecord(join(frozen, encodeName(key)), key);
        if (value !== undefined) yield [key, value] as const;
      }
    } catch (cause) {
      throw storeError(`snapshot of ${folder}`, cause);
    } finally {
      await rm(frozen, { recursive: true, force: true });
    }
  }

  async #putNow(key: string, value: Uint8Array): Promise<void> {
    const temporary = join(this.#place.work, String(this.#count++));
    try {
      this.#fuse.assertWhole();
      // The content must be on disk before a name leads to it. Where this fails the file is thrown away, so that the next
      // try writes from the caller's bytes and not from pages that the system wrongly calls clean.
      await writeFileDurably(temporary, encodeRecord(key, value), this.#place.syncs);
      await this.#names(() => rename(temporary, this.#pathOf(key)));
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw storeError(`put ${key}`, cause);
    }
    await this.#fuse.guard(`put ${key}`, this.#flushFolder);
  }

  async #deleteNow(key: string): Promise<void> {
    this.#fuse.assertWhole();
    try {
      await this.#names(() => unlink(this.#pathOf(key)));
    } catch (cause) {
      // An absent key may be one whose removal, before a crash of this process, is not on disk yet: it is flushed all the same.
      if (errorCodeOf(cause) !== 'ENOENT') throw storeError(`delete ${key}`, cause);
    }
    await this.#fuse.guard(`delete ${key}`, this.#flushFolder);
  }

  #pathOf(key: string): string {
    return join(this.#place.folder, encodeName(key));
  }
}

async function writeFileDurably(path: string, content: Uint8Array, syncs: Syncs): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await writeAll(handle, content, 0);
    await syncs.file(handle);
  } finally {
    await handle.close();
  }
}

async function readRecord(path: string, key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let record: Uint8Array;
  try {
    record = await readFile(path);
  } catch (cause) {
    if (errorCodeOf(cause) === 'ENOENT') return undefined;
    throw storeError(`get ${key}`, cause);
  }
  const value = decodeRecord(key, record);
  if (value === undefined)
    throw new DeviceError('corrupt', `get ${key}: ${path} does not match its checksum`);
  return value;
}

async function linkAll(from: string, to: string): Promise<void> {
  const all = (await readdir(from)).filter(name => !name.startsWith('.'));
  for (const name of all) await link(join(from, name), join(to, name));
}

async function keysIn(folder: string): Promise<string[]> {
  const all = await readdir(folder);
  return all.filter(name => !name.startsWith('.')).map(name => name.replaceAll('+', '/'));
}

/** `+` is no letter of keys, so that no two keys share a file and none begins with a dot. */
function encodeName(key: string): string {
  return key.replaceAll('/', '+');
}

/** For half-written files and snapshots. No key begins with a dot. */
const WORK_FOLDER = '.work';
/** Enough to fill one shared flush of the folder; each holds a file descriptor and its value. */
const WRITERS_MAX = 32;
/** More would mean that somebody puts without waiting for the disk. */
const WAITING_MAX = 10_000;
