import { decodeUtf8, equalBytes, viewOf } from '../../../base/bytes.ts';
import { printable } from '../admit.ts';
import { ContentRefused } from '../release.ts';

/** A file of a zip archive as its central directory tells. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc32: number;
  readonly packed: Uint8Array;
  readonly sizeBytes: number;
}

/**
 * The files of a zip archive, folders left out. Section numbers are of PKWARE's APPNOTE.TXT 6.3.10.
 * @throws ContentRefused for links, encrypted files, and an archive whose parts contradict each other.
 */
export function readZipDirectory(archive: Uint8Array): ZipEntry[] {
  const view = viewOf(archive);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  // §4.3.14: these values send a reader to the Zip64 record, for archives of 4 GiB or 65,535 files.
  if (count === 0xffff || start === 0xffff_ffff) throw broken('it is a Zip64 archive; send a tar');
  if (start > end) throw broken('its directory is broken');
  const entries: ZipEntry[] = [];
  let offset = start;
  let previousEnd = 0;
  const records: { readonly offset: number; readonly local: number }[] = [];
  for (let index = 0; index < count; index++) {
    if (offset + 46 > end || view.getUint32(offset, true) !== CENTRAL)
      throw broken('its directory is broken');
    records.push({ offset, local: view.getUint32(offset + 42, true) });
    offset +=
      46 +
      view.getUint16(offset + 28, true) +
      view.getUint16(offset + 30, true) +
      view.getUint16(offset + 32, true);
  }
  for (const record of records.toSorted((left, right) => left.local - right.local)) {
    // Files that share bytes make a small archive a huge one.
    if (record.local < previousEnd) throw broken('two of its files overlap');
    const { entry, packedEnd } = readEntry(archive, record, start);
    previousEnd = packedEnd;
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** §4.3.16: the end record is the last one, before a comment of at most 65,535 bytes that ends the archive. */
function findEnd(view: DataView): number {
  for (let offset = view.byteLength - 22; offset >= Math.max(0, view.byteLength - 22 - 0xffff); offset--)
    if (
      view.getUint32(offset, true) === END &&
      offset + 22 + view.getUint16(offset + 20, true) === view.byteLength
    )
      return offset;
  throw broken('it has no directory at its end: it was cut off, or is no zip');
}

function readEntry(
  archive: Uint8Array,
  { offset, local }: { readonly offset: number; readonly local: number },
  directoryStart: number,
): { readonly entry: ZipEntry | undefined; readonly packedEnd: number } {
  const view = viewOf(archive);
  const rawName = archive.subarray(offset + 46, offset + 46 + view.getUint16(offset + 28, true));
  // Lossy, and then refused with the name by whoever looks at names: §4.4.4 knows UTF-8 (bit 11) and old code pages.
  const name = decodeUtf8(rawName);
  const packedStart = checkLocalHeader(archive, { local, rawName, directoryStart });
  const packedEnd = packedStart + view.getUint32(offset + 20, true);
  if (packedEnd > directoryStart) throw broken(`${printable(name)} goes beyond its end`);
  if ((view.getUint16(offset + 8, true) & 1) !== 0) throw refused(name, 'is encrypted');
  // §4.4.15: on Unix the upper half holds the mode of the file.
  const type = (view.getUint32(offset + 38, true) >>> 16) & 0o170000;
  if (type !== 0 && type !== 0o100000 && type !== 0o040000)
    throw refused(name, 'is a link or a device in the archive: a release has plain files alone');
  const entry: ZipEntry = {
    name,
    method: view.getUint16(offset + 10, true),
    crc32: view.getUint32(offset + 16, true),
    packed: archive.subarray(packedStart, packedEnd),
    sizeBytes: view.getUint32(offset + 24, true),
  };
  return { entry: name.endsWith('/') ? undefined : entry, packedEnd };
}

/** §4.3.7: each file has a header of its own; where it has another name than the directory says, readers disagree. */
function checkLocalHeader(
  archive: Uint8Array,
  wanted: { readonly local: number; readonly rawName: Uint8Array; readonly directoryStart: number },
): number {
  const { local, rawName, directoryStart } = wanted;
  const view = viewOf(archive);
  if (local + 30 > directoryStart || view.getUint32(local, true) !== LOCAL)
    throw broken('a file has no header');
  const nameEnd = local + 30 + view.getUint16(local + 26, true);
  if (!equalBytes(archive.subarray(local + 30, nameEnd), rawName))
    throw refused(decodeUtf8(rawName), 'has another name in its own header');
  return nameEnd + view.getUint16(local + 28, true);
}

function broken(what: string): ContentRefused {
  return new ContentRefused('faulty', [{ reason: `the zip archive cannot be read: ${what}` }]);
}

function refused(name: string, reason: string): ContentRefused {
  return new ContentRefused('faulty', [{ file: printable(name), reason }]);
}

const LOCAL = 0x0403_4b50;
const CENTRAL = 0x0201_4b50;
const END = 0x0605_4b50;
