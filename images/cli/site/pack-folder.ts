import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Readable } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { isHidden } from '../../../shared/components/releases/admit.ts';

/** A folder as it is sent: its plain files, and what of it stays behind. */
export interface Folder {
  readonly path: string;
  /** Relative, `/`-separated, sorted. */
  readonly files: readonly string[];
  /** Symbolic links and special files: a release has plain files alone. */
  readonly leftOut: readonly string[];
}

/** Looks through the folder. Names that begin with a dot are not for visitors, `.well-known` at the top excepted. @throws Error for people. */
export async function readFolder(path: string): Promise<Folder> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`${path}: is no folder that can be read`, { cause });
  });
  const files: string[] = [];
  const leftOut: string[] = [];
  for (const entry of entries) {
    const name = relative(path, join(entry.parentPath, entry.name));
    if (entry.isDirectory() || isHidden(name)) continue;
    (entry.isFile() ? files : leftOut).push(name);
  }
  if (files.length === 0) throw new Error(`${path}: has no files to push`);
  return { path, files: files.toSorted(), leftOut: leftOut.toSorted() };
}

/** The folder as tar.zst, made while it is read. */
export function packFolder(folder: Folder): Readable {
  const archive = pack();
  const compressed = createZstdCompress();
  fill(archive, folder).catch((error: unknown) => compressed.destroy(error as Error));
  (archive as unknown as Readable).pipe(compressed);
  return compressed;
}

async function fill(archive: Pack, { path, files }: Folder): Promise<void> {
  for (const name of files) {
    const { mtime } = await stat(join(path, name));
    const bytes = await readFile(join(path, name));
    await new Promise<void>((resolve, reject) => {
      archive.entry({ name, mtime, mode: 0o644 }, bytes, error => (error ? reject(error) : resolve()));
    });
  }
  archive.finalize();
}
