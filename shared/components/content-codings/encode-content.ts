import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { equalBytes } from '../../base/bytes.ts';
import type { Jobs } from '../../devices/jobs.ts';
import {
  CODED,
  CODING_EXTENSIONS,
  CODINGS_FOLDER,
  type SiteFile,
} from '../../protocols/http/index-content.ts';
import { isCompressible, mediaTypeOf } from '../../protocols/http/media-type.ts';
import { isReachable } from '../../protocols/http/target.ts';
import type { Coded, CompressInput, CompressOutput } from './compress.ts';

/** The name under which a composition root offers {@link compress} as a job. */
export const COMPRESS_JOB = 'compress';

/** A packet carries as much in any case. */
const SIZE_MIN_BYTES = 256;

/** The largest files take half a minute on a slow machine. */
const JOB_TIMEOUT_MS = 10 * 60_000;

/** Enough to keep every core busy; more would only hold results. */
const JOBS_AT_ONCE = 8;

/**
 * The files, and with them in {@link CODINGS_FOLDER} the codings that none of them holds yet. What a former run has made, or
 * found not worth having, is not made again. New content stands in one SharedArrayBuffer.
 */
export async function encodeContent(files: readonly SiteFile[], jobs: Jobs): Promise<readonly SiteFile[]> {
  const byPath = new Map(files.map(file => [file.path, file]));
  const wanted = files.flatMap(file => {
    const codings = missingCodings(file, byPath);
    return codings.length === 0 ? [] : [{ file, codings }];
  });
  const made: [path: string, bytes: Uint8Array][] = [];
  const next = wanted.values();
  const work = async (): Promise<void> => {
    for (const { file, codings } of next) {
      const input: CompressInput = { bytes: file.bytes, codings };
      const output = await jobs.run<CompressOutput>(COMPRESS_JOB, input, { timeoutMs: JOB_TIMEOUT_MS });
      for (const [coding, bytes] of output) made.push([`${CODINGS_FOLDER}/${coding}/${file.path}`, bytes]);
    }
  };
  await Promise.all(Array.from({ length: JOBS_AT_ONCE }, work));
  return [...files, ...shareMemory(made)];
}

function missingCodings(file: SiteFile, byPath: ReadonlyMap<string, SiteFile>): readonly Coded[] {
  const { path, bytes } = file;
  if (bytes.length < SIZE_MIN_BYTES || !isReachable(path) || !isCompressible(mediaTypeOf(path))) return [];
  return CODED.filter(coding => {
    if (byPath.has(`${CODINGS_FOLDER}/${coding}/${path}`)) return false;
    const own = byPath.get(path + CODING_EXTENSIONS[coding]);
    return own === undefined || !isCodingOf(own, coding, bytes);
  });
}

type Decompress = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

const DECOMPRESSORS: Readonly<Record<Coded, Decompress>> = {
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
};

/** Whether the owner's own `x.br` is what it says: one that was made from an older `x` must not be shown in its place. */
function isCodingOf(coded: SiteFile, coding: Coded, bytes: Uint8Array): boolean {
  try {
    return equalBytes(DECOMPRESSORS[coding](coded.bytes, { maxOutputLength: bytes.length }), bytes);
  } catch {
    return false;
  }
}

/** In one block that workers can share, sorted: what the jobs took does not show. */
function shareMemory(made: [path: string, bytes: Uint8Array][]): SiteFile[] {
  made.sort(([left], [right]) => (left < right ? -1 : 1));
  const memory = new SharedArrayBuffer(made.reduce((sum, [, bytes]) => sum + bytes.length, 0));
  let offset = 0;
  return made.map(([path, bytes]) => {
    const view = new Uint8Array(memory, offset, bytes.length);
    view.set(bytes);
    offset += bytes.length;
    return { path, bytes: view };
  });
}
