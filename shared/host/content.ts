import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { CONTENT_FILES_MAX, type Content, type ContentEntry } from '../devices/content.ts';
import { DeviceError, type DeviceErrorKind } from '../devices/device-error.ts';

/** Content from the file system: the read-only root of an image, or a folder on somebody's host. */
export function createHostContent(): Content {
  return { list, read };
}

async function list(folder: string): Promise<ContentEntry[]> {
  const entries: ContentEntry[] = [];
  await collect(folder, folder, entries).catch((cause: unknown) => fail(folder, cause));
  return entries.sort((left, right) => (left.path < right.path ? -1 : 1));
}

async function collect(root: string, folder: string, entries: ContentEntry[]): Promise<void> {
  for (const item of await readdir(folder, { withFileTypes: true })) {
    const full = join(folder, item.name);
    if (item.isDirectory()) await collect(root, full, entries);
    // lstat, not stat: a symbolic link is no regular file here, so none is followed.
    else if (item.isFile()) entries.push(await describe(root, full));
    if (entries.length > CONTENT_FILES_MAX)
      throw new DeviceError('too-large', `${root} holds more than ${CONTENT_FILES_MAX} files`);
  }
}

async function describe(root: string, full: string): Promise<ContentEntry> {
  const { size, mtimeMs } = await lstat(full);
  const entry = { path: relative(root, full).split(sep).join('/'), sizeBytes: size };
  return mtimeMs < HONEST_TIME_MIN_MS ? entry : { ...entry, modifiedMs: Math.floor(mtimeMs) };
}

/** Reproducible images give every file one old time (0, or 1980 where FAT begins): that says nothing about the file. */
const HONEST_TIME_MIN_MS = Date.UTC(1990, 0, 1);

async function read(folder: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  return await readFile(join(folder, path)).catch((cause: unknown) => fail(join(folder, path), cause));
}

const KINDS: Readonly<Record<string, DeviceErrorKind>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
};

function fail(path: string, cause: unknown): never {
  if (cause instanceof DeviceError) throw cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const kind = KINDS[code] ?? 'failed';
  const reason = kind === 'not-found' ? 'is not there' : `cannot be read (${code})`;
  throw new DeviceError(kind, `${path} ${reason}`, { cause });
}
