import { createHash, type Hash } from 'node:crypto';
import { concatBytes, decodeUtf8, encodeUtf8, equalBytes, viewOf } from '../../base/bytes.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Files } from '../../devices/files.ts';
import type { IncomingFile } from './admit.ts';
import type { ReleaseFile } from './release.ts';

/**
 * A release as one file, so that thousands of small ones cost a single sync and are there whole or not at all:
 *
 *     contents one after another | index, JSON | 'LARESREL' | where the index begins, u64 | SHA-256 of all before it
 */
export interface PackedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hex of the content's. */
  readonly sha256: string;
  readonly modifiedMs?: number;
}

/** Gives the bytes of a pack while the files come in; `index` is filled on the way. */
export async function* encodePack(
  incoming: AsyncIterable<IncomingFile>,
  index: PackedFile[],
): AsyncGenerator<Uint8Array> {
  const whole = createHash('sha256');
  const pending = new Pending(whole);
  let offset = 0;
  for await (const file of incoming) {
    const hash = createHash('sha256');
    const start = offset;
    for await (const chunk of file.content) {
      hash.update(chunk);
      offset += chunk.length;
      yield* pending.add(chunk);
    }
    const { path, modifiedMs } = file;
    index.push({
      path,
      sizeBytes: offset - start,
      sha256: hash.digest('hex'),
      ...(modifiedMs === undefined ? {} : { modifiedMs }),
    });
  }
  const footer = new Uint8Array(MAGIC.length + POSITION_BYTES);
  footer.set(MAGIC);
  viewOf(footer).setBigUint64(MAGIC.length, BigInt(offset));
  yield* pending.add(encodeUtf8(JSON.stringify(index)));
  yield* pending.add(footer);
  yield* pending.flush();
  yield whole.digest();
}

/** Gathers small files, so that the disk gets few large writes. */
class Pending {
  readonly #whole: Hash;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(whole: Hash) {
    this.#whole = whole;
  }

  /** Copies: whoever gave the chunk may use its memory again. */
  *add(chunk: Uint8Array): Generator<Uint8Array> {
    this.#whole.update(chunk);
    this.#chunks.push(chunk.slice());
    this.#bytes += chunk.length;
    if (this.#bytes >= WRITE_BYTES) yield* this.flush();
  }

  *flush(): Generator<Uint8Array> {
    if (this.#bytes > 0) yield concatBytes(this.#chunks);
    this.#chunks = [];
    this.#bytes = 0;
  }
}

/** Reads a whole release into one SharedArrayBuffer. @throws DeviceError `corrupt`, `not-found`. */
export async function loadPack(files: Files, path: string): Promise<ReleaseFile[]> {
  const size = await files.size(path);
  if (size === undefined) throw new DeviceError('not-found', `${path} is not on the data volume`);
  const contentBytes = await readIndexPosition(files, path, size);
  const memory = new Uint8Array(new SharedArrayBuffer(contentBytes));
  const rest = new Uint8Array(size - contentBytes);
  const hash = createHash('sha256');
  let offset = 0;
  for await (const chunk of files.read(path)) {
    hash.update(chunk.subarray(0, Math.max(0, size - HASH_BYTES - offset)));
    const content = chunk.subarray(0, Math.max(0, contentBytes - offset));
    if (content.length > 0) memory.set(content, offset);
    rest.set(chunk.subarray(content.length), Math.max(0, offset - contentBytes));
    offset += chunk.length;
  }
  if (!equalBytes(hash.digest(), rest.subarray(-HASH_BYTES))) throw corrupt(path);
  return viewsOf(decodeIndex(rest.subarray(0, -FOOTER_BYTES), path), memory);
}

/** The index alone, without the checksum over all. @throws DeviceError `corrupt`, `not-found`. */
export async function readIndex(files: Files, path: string): Promise<readonly PackedFile[]> {
  const size = await files.size(path);
  if (size === undefined) throw new DeviceError('not-found', `${path} is not on the data volume`);
  const start = await readIndexPosition(files, path, size);
  return decodeIndex(await readBytes(files, path, { start, end: size - FOOTER_BYTES }), path);
}

async function readIndexPosition(files: Files, path: string, size: number): Promise<number> {
  if (size < FOOTER_BYTES) throw corrupt(path);
  const footer = await readBytes(files, path, { start: size - FOOTER_BYTES, end: size });
  if (!equalBytes(footer.subarray(0, MAGIC.length), MAGIC)) throw corrupt(path);
  const position = Number(viewOf(footer).getBigUint64(MAGIC.length));
  if (position > size - FOOTER_BYTES) throw corrupt(path);
  return position;
}

async function readBytes(
  files: Files,
  path: string,
  range: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  return concatBytes(await Array.fromAsync(files.read(path, range)));
}

function decodeIndex(bytes: Uint8Array, path: string): PackedFile[] {
  try {
    return JSON.parse(decodeUtf8(bytes)) as PackedFile[];
  } catch {
    throw corrupt(path);
  }
}

function viewsOf(index: readonly PackedFile[], memory: Uint8Array): ReleaseFile[] {
  let offset = 0;
  return index.map(({ path, sizeBytes, modifiedMs }) => {
    const bytes = memory.subarray(offset, (offset += sizeBytes));
    return { path, bytes, ...(modifiedMs === undefined ? {} : { modifiedMs }) };
  });
}

function corrupt(path: string): DeviceError {
  return new DeviceError('corrupt', `${path} does not match its checksum`);
}

const MAGIC: Uint8Array = encodeUtf8('LARESREL');
const POSITION_BYTES = 8;
const HASH_BYTES = 32;
const FOOTER_BYTES: number = MAGIC.length + POSITION_BYTES + HASH_BYTES;
/** Small enough to wait in memory, large enough that the disk sees few writes. */
const WRITE_BYTES = 256 * 1024;
