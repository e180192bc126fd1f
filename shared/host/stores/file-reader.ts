import { open } from 'node:fs/promises';
import { storeError } from './durable-files.ts';

/** The bytes of `path` from `start` to `end`, each chunk a fresh array. @throws DeviceError `not-found`, `failed`. */
export async function* readRange(
  path: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const asStoreError = (cause: unknown): never => {
    throw storeError(`read ${path}`, cause);
  };
  const handle = await open(path, 'r').catch(asStoreError);
  try {
    let position = start;
    while (position < end) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - position));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position).catch(asStoreError);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield bytesRead === chunk.length ? chunk : chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Few system calls for a large file, little memory for many readers. */
const CHUNK_BYTES = 64 * 1024;
