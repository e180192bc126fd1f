import { link, mkdir, open, readFile, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { assertKey } from '../../base/store-names.ts';
import { DeviceError } from '../../devices/device-error.ts';
import { VALUE_MAX_BYTES, type KeyValue } from '../../devices/key-value.ts';
import { errorCodeOf, hostSyncs, makeFolder, storeError, writeAll, type Syncs } from './durable-files.ts';
import { createGate, createLanes } from './gate.ts';
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
  return openKeyValue({ folder, work, syncs });
}

interface Store {
  readonly folder: string;
  readonly work: string;
  readonly syncs: Syncs;
}

function openKeyValue(store: Store): KeyValue {
  const { folder, work, syncs } = store;
  const lanes = createLanes();
  const writers = createGate(WRITERS_MAX, WAITING_MAX, `key-value store ${folder}`);
  const names = createGate(1, Number.POSITIVE_INFINITY, `key-value store ${folder}`);
  const flushFolder = createSharedFlush(() => syncs.folder(folder));
  let count = 0;
  let failure: DeviceError | undefined;

  /**
   * fsync tells of a failed write once and then calls the lost pages clean: asked again it says yes without having
   * written them. So after a failure nothing can be promised any more, and nothing is, until the store is opened again.
   */
  async function makeDurable(what: string): Promise<void> {
    try {
      await flushFolder();
    } catch (cause) {
      failure ??= storeError(`${what} (the store takes nothing more until it is opened again)`, cause);
      throw failure;
    }
  }

  async function putNow(key: string, value: Uint8Array): Promise<void> {
    const what = `put ${key}`;
    const temporary = join(work, String(count++));
    try {
      if (failure !== undefined) throw failure;
      // The content must be on disk before a name leads to it. Where this fails the file is thrown away, so that the next
      // try writes from the caller's bytes and not from pages that the system wrongly calls clean.
      await writeFileDurably(temporary, encodeRecord(key, value), syncs);
      await names(() => rename(temporary, join(folder, encodeName(key))));
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw storeError(what, cause);
    }
    await makeDurable(what);
  }

  async function deleteNow(key: string): Promise<void> {
    const what = `delete ${key}`;
    if (failure !== undefined) throw failure;
    try {
      await names(() => unlink(join(folder, encodeName(key))));
    } catch (cause) {
      // An absent key may be one whose removal by an earlier, failed run is not on disk yet: it is flushed all the same.
      if (errorCodeOf(cause) !== 'ENOENT') throw storeError(what, cause);
    }
    await makeDurable(what);
  }

  return {
    async get(key) {
      assertKey(key);
      return lanes(key, () => readRecord(join(folder, encodeName(key)), key));
    },
    async put(key, value) {
      assertKey(key);
      if (value.length > VALUE_MAX_BYTES)
        throw new DeviceError('too-large', `put ${key}: ${value.length} bytes, at most ${VALUE_MAX_BYTES}`);
      await lanes(key, () => writers(() => putNow(key, value)));
    },
    async delete(key) {
      assertKey(key);
      await lanes(key, () => writers(() => deleteNow(key)));
    },
    async list(prefix) {
      return (await keysIn(folder)).filter(key => key.startsWith(prefix)).toSorted();
    },
    async *snapshot() {
      const frozen = join(work, `snapshot-${count++}`);
      try {
        // Links to the files as they are now: later puts and deletes change names in the store and leave these alone.
        await mkdir(frozen);
        await names(() => linkAll(folder, frozen));
        for (const key of (await keysIn(frozen)).toSorted()) {
          const value = await readRecord(join(frozen, encodeName(key)), key);
          if (value !== undefined) yield [key, value] as const;
        }
      } catch (cause) {
        throw storeError(`snapshot of ${folder}`, cause);
      } finally {
        await rm(frozen, { recursive: true, force: true });
      }
    },
  };
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
