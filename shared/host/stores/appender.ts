import { type FileHandle } from 'node:fs/promises';
import { assert } from '../../base/assert.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Appender } from '../../devices/files.ts';
import { storeError, writeAll, type Syncs } from './durable-files.ts';
import { createGate } from './gate.ts';
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

/** An appender that also tells how much of the file is known to be on disk. */
export interface HostAppender extends Appender {
  readonly syncedSize: number;
}

export function createAppender(parts: AppenderParts): HostAppender {
  const { path, syncs } = parts;
  const calls = createGate(1, CALLS_WAITING_MAX, `append to ${path}`);
  const flush = createSharedFlush(flushNow);
  let handle = parts.handle;
  let size = parts.size;
  let syncedSize = parts.size;
  let cuts = 0;
  let failure: DeviceError | undefined;
  let closed = false;

  function assertUsable(): void {
    if (closed) throw new DeviceError('closed', `${path}: the appender is closed`);
    if (failure !== undefined) throw failure;
  }

  /**
   * After a failed fsync the system calls the lost pages clean, and a second fsync succeeds without having written them.
   * So nothing more is promised: every later call fails until the file is opened again.
   */
  function poison(what: string, cause: unknown): DeviceError {
    failure ??= storeError(`${what} (takes nothing more until it is opened again)`, cause);
    return failure;
  }

  async function flushNow(): Promise<void> {
    // Nothing new, or closed meanwhile: closing has flushed.
    if (failure === undefined && (closed || syncedSize === size)) return;
    assertUsable();
    const upTo = size;
    const cutsBefore = cuts;
    try {
      await syncs.file(handle);
    } catch (cause) {
      throw poison(`sync of ${path}`, cause);
    }
    if (cuts === cutsBefore) syncedSize = upTo;
  }

  async function appendNow(bytes: Uint8Array): Promise<void> {
    assertUsable();
    try {
      await writeAll(handle, bytes, size);
      size += bytes.length;
    } catch (cause) {
      await handle.truncate(size).catch((second: unknown) => poison(`undoing an append to ${path}`, second));
      throw storeError(`append to ${path}`, cause);
    }
  }

  async function truncateNow(newSize: number): Promise<void> {
    assertUsable();
    assert(newSize >= 0 && newSize <= size, `${path} has ${size} bytes and cannot be cut to ${newSize}`);
    // A flush that runs now must not count as one of what is appended after the cut.
    cuts++;
    try {
      const fresh = await parts.detach(newSize);
      if (fresh === undefined) {
        await handle.truncate(newSize);
        await syncs.file(handle);
      } else {
        await handle.close();
        handle = fresh;
      }
    } catch (cause) {
      throw poison(`truncate of ${path}`, cause);
    }
    size = newSize;
    syncedSize = newSize;
  }

  async function closeNow(): Promise<void> {
    if (closed) return;
    try {
      // A closed file counts as synced: snapshots take all of it.
      if (failure === undefined && syncedSize < size) await flush();
      // What failed to reach the disk may still be readable from memory: it must not be taken for part of the file.
      if (failure !== undefined) await handle.truncate(syncedSize).catch(() => {});
    } finally {
      closed = true;
      await handle.close();
      parts.onClose();
    }
  }

  return {
    get size() {
      return size;
    },
    get syncedSize() {
      return syncedSize;
    },
    append: bytes => calls(() => appendNow(bytes)),
    async sync() {
      // All that was appended before this call is written first; what comes later need not wait for the flush.
      await calls(async () => assertUsable());
      await flush();
    },
    truncate: newSize => calls(() => truncateNow(newSize)),
    close: () => calls(closeNow),
    [Symbol.asyncDispose]: () => calls(closeNow),
  };
}

/** More would mean that somebody appends without waiting for the disk. */
const CALLS_WAITING_MAX = 10_000;
