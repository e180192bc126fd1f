import { type FileHandle } from 'node:fs/promises';
import { assert } from '../../base/assert.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Appender } from '../../devices/files.ts';
import { storeError, writeAll, type Syncs } from './durable-files.ts';
import { createFuse } from './fuse.ts';
import { createGate, type Gate } from './gate.ts';
import { createSharedFlush } from './shared-flush.ts';

export interface AppenderParts {
  readonly path: string;
  /** Open for reading and writing; the appender closes it. */
  readonly handle: FileHandle;
  /** Bytes in the file, all of them synced. */
  readonly size: number;
  readonly syncs: Syncs;
  /** A fresh file with the first `size` bytes in place of this one, or undefined where no snapshot needs the old one. */
  readonly detach: (size: number) => Promise<FileHandle | undefined>;
  readonly onClose: () => void;
}

/** One open file at whose end bytes are added. */
export class DiskAppender implements Appender {
  readonly #parts: AppenderParts;
  readonly #calls: Gate;
  readonly #flush: () => Promise<void>;
  readonly #fuse = createFuse();
  #handle: FileHandle;
  #size: number;
  #syncedSize: number;
  #cuts = 0;
  #closed = false;

  constructor(parts: AppenderParts) {
    this.#parts = parts;
    this.#handle = parts.handle;
    this.#size = parts.size;
    this.#syncedSize = parts.size;
    this.#calls = createGate(1, CALLS_WAITING_MAX, `append to ${parts.path}`);
    this.#flush = createSharedFlush(() => this.#flushNow());
  }

  get size(): number {
    return this.#size;
  }

  /** How much of the file is known to be on disk. */
  get syncedSize(): number {
    return this.#syncedSize;
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#calls(() => this.#appendNow(bytes));
  }

  async sync(): Promise<void> {
    // All that was appended before this call is written first; what comes later need not wait for the flush.
    await this.#calls(async () => this.#assertUsable());
    await this.#flush();
  }

  truncate(size: number): Promise<void> {
    return this.#calls(() => this.#truncateNow(size));
  }

  close(): Promise<void> {
    return this.#calls(() => this.#closeNow());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #assertUsable(): void {
    if (this.#closed) throw new DeviceError('closed', `${this.#parts.path}: the appender is closed`);
    this.#fuse.assertWhole();
  }

  async #flushNow(): Promise<void> {
    // Nothing new, or closed meanwhile: closing has flushed.
    if (!this.#fuse.blown && (this.#closed || this.#syncedSize === this.#size)) return;
    this.#assertUsable();
    const upTo = this.#size;
    const cutsBefore = this.#cuts;
    await this.#fuse.guard(`sync of ${this.#parts.path}`, () => this.#parts.syncs.file(this.#handle));
    if (this.#cuts === cutsBefore) this.#syncedSize = upTo;
  }

  async #appendNow(bytes: Uint8Array): Promise<void> {
    this.#assertUsable();
    const { path } = this.#parts;
    try {
      await writeAll(this.#handle, bytes, this.#size);
      this.#size += bytes.length;
    } catch (cause) {
      await this.#fuse.guard(`undoing a failed append to ${path}`, () => this.#handle.truncate(this.#size));
      throw storeError(`append to ${path}`, cause);
    }
  }

  async #truncateNow(size: number): Promise<void> {
    this.#assertUsable();
    const { path, syncs, detach } = this.#parts;
    assert(size >= 0 && size <= this.#size, `${path} has ${this.#size} bytes and cannot be cut to ${size}`);
    // A flush that runs now, or begins before the cut is done, must not count as one of what is appended after it.
    this.#cuts++;
    await this.#fuse.guard(`truncate of ${path}`, async () => {
      const fresh = await detach(size);
      if (fresh === undefined) {
        await this.#handle.truncate(size);
        await syncs.file(this.#handle);
      } else {
        await this.#handle.close();
        this.#handle = fresh;
      }
    });
    this.#cuts++;
    this.#size = size;
    this.#syncedSize = size;
  }

  async #closeNow(): Promise<void> {
    if (this.#closed) return;
    try {
      // A closed file counts as synced: snapshots take all of it.
      if (!this.#fuse.blown) await this.#flush();
    } finally {
      // What failed to reach the disk may still be readable from memory: it must not be taken for part of the file.
      if (this.#fuse.blown) await this.#handle.truncate(this.#syncedSize).catch(() => {});
      this.#closed = true;
      await this.#handle.close();
      this.#parts.onClose();
    }
  }
}

/** More would mean that somebody appends without waiting for the disk. */
const CALLS_WAITING_MAX = 10_000;
