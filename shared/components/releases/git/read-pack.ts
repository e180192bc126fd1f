import { setImmediate as turn } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import { formatHex, viewOf } from '../../../base/bytes.ts';
import { applyDelta, decodeDeltaSizes } from '../../../protocols/git/delta.ts';
import { objectId, type ObjectKind } from '../../../protocols/git/objects.ts';
import { tooLarge } from '../admit.ts';
import { ContentRefused } from '../release.ts';

export interface GitObject {
  readonly kind: ObjectKind;
  readonly content: Uint8Array;
}

/**
 * The objects of a pack by name (gitformat-pack, version 2). However small the pack, no more than `sizeMaxBytes` are unpacked.
 * @throws ContentRefused.
 */
export async function readPack(pack: Uint8Array, sizeMaxBytes: number): Promise<Map<string, GitObject>> {
  const view = viewOf(pack);
  if (pack.length < 32 || view.getUint32(0) !== MAGIC || view.getUint32(4) !== 2) throw broken();
  const objects = new Map<string, GitObject>();
  const byOffset = new Map<number, GitObject>();
  const reader: Reader = { pack, objects, byOffset, roomBytes: sizeMaxBytes, sizeMaxBytes };
  let offset = 12;
  let pausedAtBytes = sizeMaxBytes;
  for (let left = view.getUint32(8); left > 0; left--) {
    const start = offset;
    const { object, end } = readEntry(reader, start);
    byOffset.set(start, object);
    objects.set(objectId(object.kind, object.content), object);
    offset = end;
    if (pausedAtBytes - reader.roomBytes < BYTES_PER_TURN) continue;
    pausedAtBytes = reader.roomBytes;
    await turn();
  }
  return objects;
}

interface Reader {
  readonly pack: Uint8Array;
  readonly objects: ReadonlyMap<string, GitObject>;
  readonly byOffset: ReadonlyMap<number, GitObject>;
  readonly sizeMaxBytes: number;
  roomBytes: number;
}

interface Entry {
  readonly object: GitObject;
  readonly end: number;
}

/** gitformat-pack "pack-*.pack files": kind and size, what a delta is based on, and the deflated bytes. */
function readEntry(reader: Reader, start: number): Entry {
  const { pack } = reader;
  let offset = start;
  let byte = pack[offset++] ?? 0;
  const kind = (byte >> 4) & 7;
  let size = byte & 15;
  for (let scale = 16; (byte & 0x80) !== 0 && scale < Number.MAX_SAFE_INTEGER; scale *= 128) {
    byte = pack[offset++] ?? 0;
    size += (byte & 0x7f) * scale;
  }
  const plain = KINDS[kind];
  if (plain !== undefined) {
    const { content, end } = inflate(reader, offset, size);
    return { object: { kind: plain, content }, end };
  }
  const { base, next } = findBase(reader, { kind, start, offset });
  const { content: delta, end } = inflate(reader, next, size);
  spend(reader, decodeDeltaSizes(delta).resultBytes);
  const content = applyDelta(base.content, delta);
  if (content === undefined) throw broken();
  return { object: { kind: base.kind, content }, end };
}

function findBase(
  { pack, objects, byOffset }: Reader,
  { kind, start, offset }: { readonly kind: number; readonly start: number; readonly offset: number },
): { readonly base: GitObject; readonly next: number } {
  let next = offset;
  let base: GitObject | undefined;
  if (kind === REF_DELTA) {
    next = offset + 20;
    base = objects.get(formatHex(pack.subarray(offset, next)));
  } else if (kind === OFFSET_DELTA) {
    // "offset encoding": seven bits a byte, the highest first, and one more for each byte that follows.
    let byte = pack[next++] ?? 0;
    let distance = byte & 0x7f;
    while ((byte & 0x80) !== 0 && distance < pack.length) {
      byte = pack[next++] ?? 0;
      distance = (distance + 1) * 128 + (byte & 0x7f);
    }
    base = byOffset.get(start - distance);
  }
  if (base === undefined) throw broken();
  return { base, next };
}

function inflate(
  reader: Reader,
  start: number,
  size: number,
): { readonly content: Uint8Array; readonly end: number } {
  spend(reader, size);
  try {
    const options = { maxOutputLength: Math.max(1, size), info: true };
    // With `info` it tells how much it read, which is what the type does not know.
    const { buffer, engine } = inflateSync(reader.pack.subarray(start), options) as unknown as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    if (buffer.length === size) return { content: buffer, end: start + engine.bytesWritten };
  } catch {
    // What is wrong with the deflated bytes says nothing to people.
  }
  throw broken();
}

function spend(reader: Reader, bytes: number): void {
  reader.roomBytes -= bytes;
  if (reader.roomBytes < 0) throw tooLarge(reader.sizeMaxBytes);
}

function broken(): ContentRefused {
  return new ContentRefused('faulty', [{ reason: 'the pack that the git server sent is broken' }]);
}

const MAGIC = 0x5041_434b;
const KINDS: Readonly<Record<number, ObjectKind>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const OFFSET_DELTA = 6;
const REF_DELTA = 7;
/** Some milliseconds of work; between such pieces others have their turn. */
const BYTES_PER_TURN = 1024 * 1024;
