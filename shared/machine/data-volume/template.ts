import { closeSync, createReadStream, existsSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { createZstdDecompress } from 'node:zlib';

/** The empty ext4 of the image: there is no mkfs in it. */
export const TEMPLATE_FILE = '/lib/lares/data.ext4.zst';
/** The blocks up to here hold the superblock, without which a volume is nothing. */
export const SUPERBLOCK_END = 4096;

/** The first `length` bytes of the template, or undefined where the image has none. */
export async function readTemplateStart(file: string, length: number): Promise<Buffer | undefined> {
  if (!existsSync(file)) return undefined;
  const parts: Buffer[] = [];
  let read = 0;
  for await (const chunk of decompress(file)) {
    parts.push(chunk);
    read += chunk.length;
    if (read >= length) break;
  }
  return Buffer.concat(parts).subarray(0, length);
}

/**
 * Writes the template to a device that holds nothing: everything but the superblock first, then, once that is on the
 * disk, the superblock. Decompresses as it goes: 64 MiB at once would not fit the smallest machine.
 * @throws the system's error where the device refuses.
 */
export async function writeTemplate(device: string, file: string): Promise<void> {
  const descriptor = openSync(device, 'r+');
  try {
    const superblock = Buffer.alloc(SUPERBLOCK_END);
    let position = 0;
    for await (const chunk of decompress(file)) {
      if (position < SUPERBLOCK_END) chunk.copy(superblock, position, 0);
      const from = Math.min(chunk.length, Math.max(0, SUPERBLOCK_END - position));
      writeUnlessZero(descriptor, chunk.subarray(from), position + from);
      position += chunk.length;
    }
    fsyncSync(descriptor);
    writeWhole(descriptor, superblock, 0);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function decompress(file: string): AsyncIterable<Buffer> {
  return createReadStream(file).pipe(createZstdDecompress());
}

/** A blank disk reads as zeros already; on a sparse one this also saves its room. */
function writeUnlessZero(descriptor: number, bytes: Buffer, position: number): void {
  if (!bytes.equals(Buffer.alloc(bytes.length))) writeWhole(descriptor, bytes, position);
}

function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}
