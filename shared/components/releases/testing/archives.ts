import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { concatBytes, encodeUtf8, viewOf } from '../../../base/bytes.ts';
import type { IncomingFile } from '../admit.ts';

type Files = Readonly<Record<string, string>>;

export async function tarOf(files: Files): Promise<Buffer> {
  const archive = pack();
  for (const [name, text] of Object.entries(files)) archive.entry({ name, mtime: new Date(0) }, text);
  archive.finalize();
  return buffer(archive);
}

/** A tar with one entry of that kind. */
export async function tarWith(header: Parameters<ReturnType<typeof pack>['entry']>[0]): Promise<Buffer> {
  const archive = pack();
  archive.entry(header);
  archive.finalize();
  return buffer(archive);
}

export interface ZipOptions {
  /** Unix mode of every file. */
  readonly mode?: number;
  readonly store?: boolean;
  /** In the file's own header, in place of its name. */
  readonly localName?: string;
}

/** PKWARE APPNOTE.TXT 6.3.10 §4.3.6, as Info-ZIP writes it. */
export function zipOf(
  files: Files,
  { mode = 0o100644, store = false, localName }: ZipOptions = {},
): Uint8Array {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = encodeUtf8(text);
    const packed = store ? content : deflateRawSync(content);
    const common = new Uint8Array(26);
    const view = viewOf(common);
    view.setUint16(0, 20, true);
    view.setUint16(2, 0x800, true);
    view.setUint16(4, store ? 0 : 8, true);
    view.setUint32(10, crc32(content), true);
    view.setUint32(14, packed.length, true);
    view.setUint32(18, content.length, true);
    const shown = encodeUtf8(localName ?? name);
    const encoded = encodeUtf8(name);
    view.setUint16(22, shown.length, true);
    const local = concatBytes([encodeUtf8('PK\u0003\u0004'), common, shown, packed]);
    view.setUint16(22, encoded.length, true);
    const tail = new Uint8Array(14);
    viewOf(tail).setUint32(6, mode * 0x10000, true);
    viewOf(tail).setUint32(10, offset, true);
    directory.push(concatBytes([encodeUtf8('PK\u0001\u0002'), Uint8Array.of(20, 3), common, tail, encoded]));
    locals.push(local);
    offset += local.length;
  }
  const end = new Uint8Array(18);
  const count = Object.keys(files).length;
  viewOf(end).setUint16(4, count, true);
  viewOf(end).setUint16(6, count, true);
  viewOf(end).setUint32(8, concatBytes(directory).length, true);
  viewOf(end).setUint32(12, offset, true);
  return concatBytes([...locals, ...directory, encodeUtf8('PK\u0005\u0006'), end]);
}

/** In pieces of that size, as a network brings it. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

export async function* incoming(
  files: Iterable<readonly [path: string, text: string]>,
): AsyncGenerator<IncomingFile> {
  for (const [path, text] of files) yield { path, content: inPieces(encodeUtf8(text), 1_000) };
}

/** Path and text of everything that comes in. */
export async function textsOf(files: AsyncIterable<IncomingFile>): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const { path, content } of files)
    texts[path] = Buffer.from(concatBytes(await Array.fromAsync(content))).toString();
  return texts;
}
