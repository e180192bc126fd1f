import { assert } from '../../shared/base/assert.ts';

/** Program header types and dynamic tags of the System V ABI (gabi, chapters 5.2 and 5.3). */
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0n;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly size: number;
}

/** The names of the shared libraries that a 64-bit little-endian ELF file asks for (DT_NEEDED), in its order. */
export function neededLibraries(bytes: Uint8Array): string[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = readSegments(view);
  const dynamic = segments.find(segment => segment.type === PT_DYNAMIC);
  if (dynamic === undefined) return [];
  const entries = readDynamic(view, dynamic);
  const table = entries.find(([tag]) => tag === DT_STRTAB)?.[1];
  if (table === undefined) return [];
  const strings = fileOffset(segments, table);
  return entries
    .filter(([tag]) => tag === DT_NEEDED)
    .map(([, value]) => stringAt(view, strings + Number(value)));
}

/** The ELF loader that the file names, or undefined for a library. */
export function interpreter(bytes: Uint8Array): string | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segment = readSegments(view).find(candidate => candidate.type === PT_INTERP);
  return segment === undefined ? undefined : stringAt(view, segment.offset);
}

function readSegments(view: Buffer): Segment[] {
  assert(
    view.readUInt32BE(0) === 0x7f454c46 && view[4] === 2 && view[5] === 1,
    'a 64-bit little-endian ELF file',
  );
  const start = Number(view.readBigUInt64LE(0x20));
  const entrySize = view.readUInt16LE(0x36);
  const count = view.readUInt16LE(0x38);
  return Array.from({ length: count }, (_unused, index) => {
    const at = start + index * entrySize;
    return {
      type: view.readUInt32LE(at),
      offset: Number(view.readBigUInt64LE(at + 8)),
      address: view.readBigUInt64LE(at + 16),
      size: Number(view.readBigUInt64LE(at + 32)),
    };
  });
}

function readDynamic(view: Buffer, segment: Segment): [tag: bigint, value: bigint][] {
  const entries: [bigint, bigint][] = [];
  for (let at = segment.offset; at + 16 <= segment.offset + segment.size; at += 16) {
    const tag = view.readBigUInt64LE(at);
    if (tag === DT_NULL) break;
    entries.push([tag, view.readBigUInt64LE(at + 8)]);
  }
  return entries;
}

function fileOffset(segments: readonly Segment[], address: bigint): number {
  const segment = segments.find(
    ({ type, address: start, size }) =>
      type === PT_LOAD && address >= start && address < start + BigInt(size),
  );
  assert(segment !== undefined, 'the dynamic string table lies in a loaded segment');
  return segment.offset + Number(address - segment.address);
}

function stringAt(view: Buffer, offset: number): string {
  return view.toString('latin1', offset, view.indexOf(0, offset));
}
