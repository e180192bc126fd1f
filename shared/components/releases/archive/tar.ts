import { once } from 'node:events';
import { extract, type Extract, type Header } from 'tar-stream';
import { printable, type IncomingFile } from '../admit.ts';
import { ContentRefused } from '../release.ts';

/**
 * The files of a tar archive (POSIX ustar and pax, GNU long names), while it streams in. Folders come with their files.
 * @throws ContentRefused for links and devices, by name, and for what is no whole tar.
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<IncomingFile> {
  const archive = extract();
  const feeding = new AbortController();
  const source: Source = { bytes, fault: undefined };
  void feed(source, archive, feeding.signal);
  try {
    for await (const entry of archive) {
      const { header } = entry;
      const kind = KINDS[header.type];
      if (kind === 'folder') {
        entry.resume();
        continue;
      }
      if (kind !== 'file') throw notAFile(header);
      yield { path: header.name, content: entry as AsyncIterable<Uint8Array>, ...modified(header) };
    }
  } catch (error) {
    if (error instanceof ContentRefused || error === source.fault) throw error;
    throw notWhole(`the archive is no tar, or broken: ${(error as Error).message}`, error);
  } finally {
    // Also where nobody wants the rest: what still feeds the archive gives up its source.
    feeding.abort();
    archive.destroy(null);
  }
}

const KINDS: Readonly<Record<string, 'file' | 'folder'>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'folder',
};

interface Source {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What broke it: not the archive's fault. */
  fault: unknown;
}

/** Gives the archive its bytes as it takes them; where they fail, so does the archive. */
async function feed(source: Source, archive: Extract, signal: AbortSignal): Promise<void> {
  let trailingZeros = 0;
  try {
    for await (const chunk of noting(source)) {
      trailingZeros = countTrailingZeros(chunk, trailingZeros);
      // tar-stream keeps what it is given.
      if (!archive.write(Buffer.from(chunk))) await once(archive, 'drain', { signal });
      if (signal.aborted) return;
    }
    // POSIX.1-2024 pax §"ustar Interchange Format": two blocks of zeros end an archive; without them its end was cut off.
    if (trailingZeros < END_BYTES) throw notWhole('the archive ends before its end mark: it was cut off');
    archive.end(null);
  } catch (error) {
    archive.destroy(error as Error);
  }
}

async function* noting(source: Source): AsyncGenerator<Uint8Array> {
  try {
    yield* source.bytes;
  } catch (error) {
    source.fault = error;
    throw error;
  }
}

function countTrailingZeros(chunk: Uint8Array, before: number): number {
  let index = chunk.length;
  while (index > 0 && chunk[index - 1] === 0) index--;
  return index === 0 ? before + chunk.length : chunk.length - index;
}

function modified({ mtime }: Header): { modifiedMs?: number } {
  const modifiedMs = mtime?.getTime() ?? 0;
  return modifiedMs > 0 ? { modifiedMs } : {};
}

function notAFile({ name, type }: Header): ContentRefused {
  const what = type === 'symlink' || type === 'link' ? 'a link' : `no plain file (${type})`;
  const reason = `is ${what} in the archive: a release has plain files alone`;
  return new ContentRefused('faulty', [{ file: printable(name), reason }]);
}

function notWhole(reason: string, cause?: unknown): ContentRefused {
  return new ContentRefused('faulty', [{ reason }], { cause });
}

const END_BYTES = 1_024;
