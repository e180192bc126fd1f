import { createHash } from 'node:crypto';
import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { DeviceError } from '../devices/device-error.ts';
import { type KeyValue, VALUE_MAX_BYTES } from '../devices/key-value.ts';
import type { SimulatedDisk } from './disk.ts';
import { InTurn } from './in-turn.ts';
import type { Life } from './life.ts';

export interface KeyValueOptions {
  /** A planted bug: a put resolves before its new name is durable. */
  readonly skipsSync?: boolean;
}

const FOLDER = 'kv/';
const TEMPORARY = 'kv-temporary/';
const CHECKSUM_BYTES = 32;
const KEY = /^(?=.{1,200}$)[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/**
 * The steps of a careful store on the simulated disk: write a new file, sync it, rename it over the old one, sync the
 * folder. Each value stands behind its SHA-256.
 */
export function createSimulatedKeyValue(
  disk: SimulatedDisk,
  life: Life,
  options: KeyValueOptions = {},
): KeyValue {
  const inTurn = new InTurn();
  // What a crash left of unfinished puts.
  for (const path of disk.paths(TEMPORARY)) disk.remove(path);
  let puts = 0;
  return {
    async get(key) {
      return inTurn.run(checked(key), () => read(disk, life, key));
    },
    async put(key, value) {
      checked(key);
      const content = withChecksum(key, value);
      const temporary = `${TEMPORARY}${puts++}`;
      return inTurn.run(key, () =>
        write({ disk, life, skipsSync: options.skipsSync === true }, key, content, temporary),
      );
    },
    async delete(key) {
      await inTurn.run(checked(key), async () => {
        await disk.access(life);
        if (disk.find(FOLDER + key) === undefined) return;
        life.record(`kv delete ${key}`);
        disk.remove(FOLDER + key);
        await disk.syncNames(life);
      });
    },
    async list(prefix) {
      await disk.access(life);
      return disk.paths(FOLDER + prefix).map(path => path.slice(FOLDER.length));
    },
    async *snapshot() {
      await disk.access(life);
      const files = disk
        .paths(FOLDER)
        .map(path => [path.slice(FOLDER.length), contentOf(disk, path)] as const);
      for (const [key, content] of files)
        if (content !== undefined) yield [key, withoutChecksum(key, content)] as const;
    },
  };
}

function checked(key: string): string {
  assert(KEY.test(key), `not a key: '${key}'`);
  return key;
}

async function read(
  disk: SimulatedDisk,
  life: Life,
  key: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  await disk.access(life);
  const content = contentOf(disk, FOLDER + key);
  return content === undefined ? undefined : withoutChecksum(key, content);
}

interface Store {
  readonly disk: SimulatedDisk;
  readonly life: Life;
  readonly skipsSync: boolean;
}

async function write(store: Store, key: string, content: Uint8Array, temporary: string): Promise<void> {
  const { disk, life } = store;
  await disk.access(life);
  const inode = disk.create(temporary);
  try {
    disk.append(inode, content);
    await disk.sync(inode, life);
  } catch (error) {
    disk.remove(temporary);
    throw error;
  }
  disk.rename(temporary, FOLDER + key);
  if (!store.skipsSync) await disk.syncNames(life);
  life.record(`kv put ${key} ${content.length - CHECKSUM_BYTES} B`);
}

function contentOf(disk: SimulatedDisk, path: string): Uint8Array<ArrayBuffer> | undefined {
  const inode = disk.find(path);
  return inode === undefined ? undefined : disk.content(inode);
}

function withChecksum(key: string, value: Uint8Array): Uint8Array {
  if (value.length > VALUE_MAX_BYTES)
    throw new DeviceError(
      'too-large',
      `the value of '${key}' has ${value.length} bytes; ${VALUE_MAX_BYTES} are allowed`,
    );
  const content = new Uint8Array(CHECKSUM_BYTES + value.length);
  content.set(createHash('sha256').update(value).digest());
  content.set(value, CHECKSUM_BYTES);
  return content;
}

function withoutChecksum(key: string, content: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const value = content.slice(CHECKSUM_BYTES);
  const expected = content.subarray(0, CHECKSUM_BYTES);
  if (!equalBytes(createHash('sha256').update(value).digest(), expected))
    throw new DeviceError('corrupt', `the stored value of '${key}' does not match its checksum`);
  return value;
}
