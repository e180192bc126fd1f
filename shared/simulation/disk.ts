import { DeviceError } from '../devices/device-error.ts';
import type { Life } from './life.ts';
import type { Prng } from './prng.ts';

/** What a file name points at. Content survives a crash up to `syncedBytes`; a file that is only appended to needs no more. */
export interface Inode {
  bytes: Uint8Array<ArrayBuffer>;
  /** How much of `bytes` is in use; the rest is room to grow. */
  size: number;
  syncedBytes: number;
  /** The synced content before a cut that is not synced yet: after a crash either may be found. */
  beforeCut: Uint8Array<ArrayBuffer> | undefined;
}

/** One change of the folder that a file system makes as a whole: a rename takes one name away and sets another. */
type NameChange = readonly (readonly [path: string, inode: Inode | undefined])[];

const TOTAL_DEFAULT_BYTES = 1024 * 1024 * 1024;

/** A read or write that stays in memory. */
const MEMORY_US = [5, 50] as const;
/** A flush to flash. */
const SYNC_US = [300, 8_000] as const;

/**
 * The data volume of one host: one folder of files, in memory. What was not synced is what a crash plays with: the
 * unsynced end of each file is cut or has zeros in it, at any byte or sector, and each unsynced name change stays or
 * goes by itself, so a later rename may survive an earlier one, and a name may survive its content.
 */
export class SimulatedDisk {
  readonly #prng: Prng;
  #names = new Map<string, Inode>();
  #syncedNames = new Map<string, Inode>();
  #nameChanges: NameChange[] = [];
  #usedBytes = 0;
  /** Syncs that will fail from now on, as on a dying device. */
  failingSyncs = 0;
  totalBytes = TOTAL_DEFAULT_BYTES;

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  paths(prefix: string): string[] {
    return [...this.#names.keys()].filter(path => path.startsWith(prefix)).sort();
  }

  find(path: string): Inode | undefined {
    return this.#names.get(path);
  }

  create(path: string): Inode {
    const inode: Inode = { bytes: new Uint8Array(64), size: 0, syncedBytes: 0, beforeCut: undefined };
    this.#change([[path, inode]]);
    return inode;
  }

  rename(from: string, to: string): void {
    this.#change([
      [from, undefined],
      [to, this.#names.get(from)],
    ]);
  }

  remove(path: string): void {
    if (this.#names.has(path)) this.#change([[path, undefined]]);
  }

  /** @throws DeviceError `no-space`, with the file as it was. */
  append(inode: Inode, bytes: Uint8Array): void {
    if (this.#usedBytes + bytes.length > this.totalBytes)
      throw new DeviceError('no-space', `the data volume is full: no room for ${bytes.length} bytes more`);
    const size = inode.size + bytes.length;
    if (size > inode.bytes.length) {
      const roomier = new Uint8Array(Math.max(size, inode.bytes.length * 2));
      roomier.set(inode.bytes.subarray(0, inode.size));
      inode.bytes = roomier;
    }
    inode.bytes.set(bytes, inode.size);
    inode.size = size;
    this.#usedBytes += bytes.length;
  }

  /** Cuts the file to `size` bytes; not durable before {@link sync}. */
  cut(inode: Inode, size: number): void {
    if (size < inode.syncedBytes) {
      inode.beforeCut ??= inode.bytes.slice(0, inode.syncedBytes);
      inode.syncedBytes = size;
    }
    this.#usedBytes -= Math.max(0, inode.size - size);
    inode.size = Math.min(inode.size, size);
    // What is written from here on must not show through in the old content.
    inode.bytes = inode.bytes.slice();
  }

  content(inode: Inode): Uint8Array<ArrayBuffer> {
    return inode.bytes.slice(0, inode.size);
  }

  /** Makes durable what the file holds at the call. @throws DeviceError `failed`: what was to be synced is then in doubt. */
  async sync(inode: Inode, life: Life): Promise<void> {
    const { size } = inode;
    await this.#flush(life);
    inode.syncedBytes = Math.max(inode.syncedBytes, Math.min(size, inode.size));
    inode.beforeCut = undefined;
  }

  /** Makes durable all names as they are at the call. */
  async syncNames(life: Life): Promise<void> {
    const changes = [...this.#nameChanges];
    await this.#flush(life);
    const pending = new Set(this.#nameChanges);
    for (const change of changes.filter(change => pending.has(change))) applyTo(this.#syncedNames, change);
    const done = new Set(changes);
    this.#nameChanges = this.#nameChanges.filter(change => !done.has(change));
  }

  /** The time that a read or write in memory takes. */
  async access(life: Life): Promise<void> {
    await life.delay(this.#prng.between(...MEMORY_US));
  }

  /**
   * Power goes: what was not synced is lost, torn or reordered. Gives the disk as the next life finds it. This one goes on for the
   * code of the ended life alone, which may still run for a moment and must not reach what comes after it.
   */
  crash(): { readonly disk: SimulatedDisk; readonly damage: string } {
    const kept = this.#nameChanges.filter(() => this.#prng.chance(0.5));
    const names = new Map(this.#syncedNames);
    for (const change of kept) applyTo(names, change);
    const disk = new SimulatedDisk(this.#prng);
    disk.totalBytes = this.totalBytes;
    let tornBytes = 0;
    for (const [path, inode] of names) {
      const bytes = this.#contentAfterCrash(inode);
      tornBytes += Math.max(0, inode.size - bytes.length);
      disk.#syncedNames.set(path, {
        bytes,
        size: bytes.length,
        syncedBytes: bytes.length,
        beforeCut: undefined,
      });
      disk.#usedBytes += bytes.length;
    }
    disk.#names = new Map(disk.#syncedNames);
    const damage = `${kept.length} of ${this.#nameChanges.length} unsynced names kept, ${tornBytes} B torn off`;
    return { disk, damage };
  }

  /** Changes one byte of the file at rest, as failing flash does. False where there is nothing to change. */
  corrupt(path: string): boolean {
    const inode = this.#names.get(path);
    if (inode === undefined || inode.size === 0) return false;
    const index = this.#prng.below(inode.size);
    inode.bytes[index] = (inode.bytes[index] ?? 0) ^ (1 << this.#prng.below(8));
    return true;
  }

  #change(change: NameChange): void {
    for (const [path, inode] of change)
      this.#usedBytes += (inode?.size ?? 0) - (this.#names.get(path)?.size ?? 0);
    applyTo(this.#names, change);
    this.#nameChanges.push(change);
  }

  async #flush(life: Life): Promise<void> {
    await life.delay(this.#prng.between(...SYNC_US));
    if (this.failingSyncs === 0) return;
    this.failingSyncs--;
    throw new DeviceError('failed', 'the data volume could not be synced');
  }

  #contentAfterCrash(inode: Inode): Uint8Array<ArrayBuffer> {
    if (inode.beforeCut !== undefined && this.#prng.chance(0.5)) return inode.beforeCut;
    const { syncedBytes } = inode;
    const bytes = inode.bytes.slice(0, this.#prng.between(syncedBytes, inode.size));
    // ext4 may commit the new size before the bytes, and sectors reach the disk in any order: zeros stand for what is missing.
    if (this.#prng.chance(0.5)) bytes.fill(0, this.#prng.between(syncedBytes, bytes.length));
    for (let start = syncedBytes; start < bytes.length; start = nextSector(start))
      if (this.#prng.chance(SECTOR_MISSING_RATE)) bytes.fill(0, start, nextSector(start));
    return bytes;
  }
}

/** What a disk writes as a whole. */
const SECTOR_BYTES = 512;

const SECTOR_MISSING_RATE = 0.2;

function nextSector(offset: number): number {
  return (Math.floor(offset / SECTOR_BYTES) + 1) * SECTOR_BYTES;
}

function applyTo(names: Map<string, Inode>, change: NameChange): void {
  for (const [path, inode] of change) {
    if (inode === undefined) names.delete(path);
    else names.set(path, inode);
  }
}
