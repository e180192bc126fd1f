import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DeviceError } from '../../devices/device-error.ts';

/**
 * The two system calls on which durability rests. The stores take them as a parameter so that a test can leave one out
 * and show that the power-cut checker notices.
 */
export interface Syncs {
  /** The file's content and size are on disk. */
  file(handle: FileHandle): Promise<void>;
  /** The folder's entries (new, renamed and removed names) are on disk. */
  folder(path: string): Promise<void>;
}

export const hostSyncs: Syncs = {
  // fdatasync writes the size too where it changed; only the times are left out, which nothing here reads.
  file: handle => handle.datasync(),
  async folder(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** Makes `path` and what is missing above it, durably. */
export async function makeFolder(path: string, syncs: Syncs): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  // Every new folder is an entry of the one above it.
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncs.folder(dirname(made));
}

/** Writes all of `bytes` at `position`: the system may take a part only, as it does when the disk fills up. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const part = await handle.write(bytes, written, bytes.length - written, position + written);
    written += part.bytesWritten;
  }
}

/** What the system said, as the fault of a device. `what` names the operation and its object. */
export function storeError(what: string, cause: unknown): DeviceError {
  if (cause instanceof DeviceError) return cause;
  const code = errorCodeOf(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new DeviceError('no-space', `${what}: the data volume is full`, { cause });
  if (code === 'ENOENT') return new DeviceError('not-found', `${what}: there is no such file`, { cause });
  return new DeviceError('failed', `${what}: ${code ?? String(cause)}`, { cause });
}

export function errorCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** For `.catch`: a file or folder that is not there is fine. */
export function ignoreAbsent(cause: unknown): undefined {
  const code = errorCodeOf(cause);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cause;
}
