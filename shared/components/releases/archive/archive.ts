import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { concatBytes } from '../../../base/bytes.ts';
import { tooLarge, type IncomingFile } from '../admit.ts';
import { ARCHIVE_OVERHEAD_PER_FILE_BYTES, FILES_MAX } from '../limits.ts';
import { ContentRefused } from '../release.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

/**
 * The files of an archive, known by its first bytes: tar, tar.gz, tar.zst or zip. A tar streams through; a zip is held in
 * memory. However small it is packed, no more than `sizeMaxBytes` and the archive's own bytes are unpacked. @throws ContentRefused.
 */
export async function* readArchive(
  bytes: AsyncIterable<Uint8Array>,
  sizeMaxBytes: number,
): AsyncGenerator<IncomingFile> {
  const bound = (stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
    bounded(stream, sizeMaxBytes);
  const { head, whole } = await peek(bytes);
  if (head.length === 0) throw refused('the archive is empty: send a tar, tar.gz, tar.zst or zip');
  if (startsWith(head, ZIP)) yield* readZip(concatBytes(await Array.fromAsync(bound(whole))));
  else if (startsWith(head, GZIP)) yield* readTar(bound(unpacked(whole, createGunzip())));
  else if (startsWith(head, ZSTD)) yield* readTar(bound(unpacked(whole, createZstdDecompress())));
  else yield* readTar(bound(whole));
}

// RFC 1952 §2.3.1 and RFC 8878 §3.1.1; PKWARE APPNOTE.TXT 6.3.10 §4.3.7: a local file header.
const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
const ZIP = [0x50, 0x4b];

function startsWith(head: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => head[index] === byte);
}

/** The first bytes, and the stream with them still in it. */
async function peek(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Uint8Array; readonly whole: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < ZSTD.length) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = concatBytes([head, next.value]);
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head, whole: whole() };
}

async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  decoder: ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>,
): AsyncGenerator<Uint8Array> {
  // What goes wrong upstream ends the decoder with that error, and the loop below gets it.
  pipeline(Readable.from(packed), decoder, () => undefined);
  try {
    yield* decoder as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!/^(?:Z_|ZSTD_)/.test(code)) throw error;
    throw refused(`the archive is compressed and broken: ${(error as Error).message}`, error);
  }
}

async function* bounded(stream: AsyncIterable<Uint8Array>, sizeMaxBytes: number): AsyncGenerator<Uint8Array> {
  let roomBytes = sizeMaxBytes + FILES_MAX * ARCHIVE_OVERHEAD_PER_FILE_BYTES;
  for await (const chunk of stream) {
    roomBytes -= chunk.length;
    if (roomBytes < 0) throw tooLarge(sizeMaxBytes);
    yield chunk;
  }
}

function refused(reason: string, cause?: unknown): ContentRefused {
  return new ContentRefused('faulty', [{ reason }], { cause });
}
