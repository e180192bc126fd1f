import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { printable, type IncomingFile } from '../admit.ts';
import { ContentRefused } from '../release.ts';
import { readZipDirectory, type ZipEntry } from './zip-directory.ts';

const inflate = promisify(inflateRaw);

/** The files of a zip archive. Its directory stands at its end, so all of it has to be there. @throws ContentRefused. */
export async function* readZip(archive: Uint8Array): AsyncGenerator<IncomingFile> {
  for (const entry of readZipDirectory(archive)) yield { path: entry.name, content: unpack(entry) };
}

async function* unpack(entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const bytes = await bytesOf(entry);
  if (bytes.length !== entry.sizeBytes || crc32(bytes) !== entry.crc32)
    throw refused(entry, 'does not match its size and checksum in the zip archive');
  yield bytes;
}

// PKWARE APPNOTE.TXT 6.3.10 §4.4.5: 0 is stored, 8 is deflated; nothing else is common.
async function bytesOf(entry: ZipEntry): Promise<Uint8Array> {
  if (entry.method === 0) return entry.packed;
  if (entry.method !== 8)
    throw refused(entry, `is packed by method ${entry.method}; deflate it, as every program does by itself`);
  try {
    // No more comes out than was said, however little went in.
    return await inflate(entry.packed, { maxOutputLength: Math.max(1, entry.sizeBytes) });
  } catch (cause) {
    throw refused(entry, 'cannot be unpacked from the zip archive', cause);
  }
}

function refused({ name }: ZipEntry, reason: string, cause?: unknown): ContentRefused {
  return new ContentRefused('faulty', [{ file: printable(name), reason }], { cause });
}
