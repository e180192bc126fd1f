import { open, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { DiskImage } from './disk.ts';

/** Runs of zeros of this size, at multiples of it, become holes: what file systems allocate at once. */
const HOLE_BYTES = 64 * 1024;
const COPY_BYTES: number = 4 * 1024 * 1024;
const ZEROS: Uint8Array = new Uint8Array(HOLE_BYTES);

/** Writes the image with holes for its zeros; it stands under its name only when it is whole. */
export async function writeDisk(path: string, image: DiskImage): Promise<void> {
  const partial = `${path}.partial`;
  {
    await using handle = await open(partial, 'w', 0o644);
    await handle.truncate(image.bytes);
    for (const piece of image.pieces) await writePiece(handle, piece.bytes, piece.offset);
  }
  await rename(partial, path);
}

/** Copies `bytes` from one file to a place in another, leaving out what is zero: the target must have holes there. */
export async function copySparse(
  source: FileHandle,
  target: FileHandle,
  range: { readonly from: number; readonly to: number; readonly bytes: number },
): Promise<void> {
  const buffer = new Uint8Array(COPY_BYTES);
  for (let done = 0; done < range.bytes;) {
    const wanted = Math.min(COPY_BYTES, range.bytes - done);
    const { bytesRead } = await source.read(buffer, 0, wanted, range.from + done);
    if (bytesRead === 0) throw new Error(`the file ended ${range.bytes - done} bytes early`);
    await writePiece(target, buffer.subarray(0, bytesRead), range.to + done);
    done += bytesRead;
  }
}

async function writePiece(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += HOLE_BYTES) {
    const part = bytes.subarray(at, at + HOLE_BYTES);
    if (Buffer.compare(part, ZEROS.subarray(0, part.length)) !== 0)
      await handle.write(part, 0, part.length, offset + at);
  }
}
