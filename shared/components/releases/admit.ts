import { encodeUtf8 } from '../../base/bytes.ts';
import { FILES_MAX, NAME_MAX_BYTES, PATH_MAX_BYTES } from './limits.ts';
import { ContentRefused } from './release.ts';

/** A file on its way in. Its content is read before the next file is asked for. */
export interface IncomingFile {
  /** As the sender wrote it. */
  readonly path: string;
  readonly content: AsyncIterable<Uint8Array>;
  readonly modifiedMs?: number;
}

/**
 * Lets through what may become a release, under names that mean one thing on every system, and leaves out hidden files (`.git`,
 * `.DS_Store`). @throws ContentRefused, naming the file.
 */
export async function* admit(
  incoming: AsyncIterable<IncomingFile>,
  sizeMaxBytes: number,
): AsyncGenerator<IncomingFile> {
  const names = new Names();
  let roomBytes = sizeMaxBytes;
  for await (const file of incoming) {
    const path = cleanPath(file.path);
    if (isHidden(path)) continue;
    names.take(path);
    yield {
      ...file,
      path,
      content: bounded(file.content, bytes => {
        roomBytes -= bytes;
        if (roomBytes < 0) throw tooLarge(sizeMaxBytes);
      }),
    };
  }
}

async function* bounded(
  content: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    onBytes(chunk.length);
    yield chunk;
  }
}

export function tooLarge(sizeMaxBytes: number): ContentRefused {
  const reason = `the files have more than ${Math.floor(sizeMaxBytes / 1024 / 1024)} MiB together, and no more is allowed`;
  return new ContentRefused('too-large', [{ reason }]);
}

/** The path in NFC without `./` before it. @throws ContentRefused for one that could mean another place elsewhere. */
function cleanPath(sent: string): string {
  const path = sent.replace(/^(?:\.\/)+/, '').normalize('NFC');
  const reason = pathFault(path);
  if (reason !== undefined) throw refused(printable(sent), reason);
  return path;
}

function pathFault(path: string): string | undefined {
  const parts = path.split('/');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'the name is absolute; it has to be relative';
  if (parts.includes('..')) return "the name has '..' in it and would leave the release";
  if (path.includes('\\')) return 'the name has a backslash in it, which separates folders on some systems';
  if (parts.some(part => part === '' || part === '.')) return "the name has an empty part or '.' in it";
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'the name has a control character in it';
  if (path.includes('\ufffd')) return 'the name is not UTF-8';
  const sizes = parts.map(part => encodeUtf8(part).length);
  if (sizes.some(size => size > NAME_MAX_BYTES))
    return `a part of the name has more than ${NAME_MAX_BYTES} bytes`;
  if (encodeUtf8(path).length > PATH_MAX_BYTES) return `the name has more than ${PATH_MAX_BYTES} bytes`;
  return undefined;
}

/** RFC 8615: `.well-known` at the top is for everybody; other names with a dot before them are the owner's own. */
export function isHidden(path: string): boolean {
  return path
    .split('/')
    .some((part, index) => part.startsWith('.') && !(index === 0 && part === '.well-known'));
}

/** Every name once, also where case does not count, and none a file here and a folder there. */
class Names {
  readonly #files = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  take(path: string): void {
    const key = path.toLowerCase();
    const same = this.#files.get(key);
    if (same === path) throw refused(path, 'the name is there twice');
    if (same !== undefined) throw refused(path, `the name differs from ${same} in case alone`);
    const asFolder = this.#folders.get(key);
    if (asFolder !== undefined) throw refused(path, `${asFolder} is a folder as well`);
    for (let end = key.indexOf('/'); end >= 0; end = key.indexOf('/', end + 1)) {
      const asFile = this.#files.get(key.slice(0, end));
      if (asFile !== undefined) throw refused(path, `${asFile} is a file, and this lies in it`);
      this.#folders.set(key.slice(0, end), path.slice(0, end));
    }
    this.#files.set(key, path);
    if (this.#files.size > FILES_MAX)
      throw new ContentRefused('too-large', [{ reason: `there are more than ${FILES_MAX} files` }]);
  }
}

function refused(file: string, reason: string): ContentRefused {
  return new ContentRefused('faulty', [{ file, reason }]);
}

/** A hostile name must not play with the terminal that shows it, nor fill it. */
export function printable(name: string): string {
  const shown = JSON.stringify(name).slice(1, -1);
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}
