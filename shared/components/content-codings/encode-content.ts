import { intoSharedMemory } from '../../base/shared-bytes.ts';
import type { Jobs } from '../../devices/jobs.ts';
import {
  baseOfCoding,
  CODED,
  CODING_EXTENSIONS,
  CODINGS_FOLDER,
  type SiteFile,
} from '../../protocols/http/index-content.ts';
import { isCompressible, mediaTypeOf } from '../../protocols/http/media-type.ts';
import { isReachable } from '../../protocols/http/target.ts';
import type { Quality } from './codecs.ts';
import type { EncodeInput, EncodeOutput } from './encode-file.ts';

/** The name under which a composition root offers {@link encodeFile} as a job. */
export const ENCODE_JOB = 'encode-file';

/** One packet carries as much in any case. */
const SIZE_MIN_BYTES = 256;

/** The largest files take half a minute on a slow machine. */
const JOB_TIMEOUT_MS = 10 * 60_000;

/** Enough to keep every core busy; more would only hold results. */
const JOBS_AT_ONCE = 8;

/** So much text gets the best quality in some ten seconds of one core; nobody waits longer for a release without having asked. */
const BEST_QUALITY_MAX_BYTES = 4 * 1024 * 1024;

/**
 * The files, and with them in {@link CODINGS_FOLDER} the codings that none of them holds yet. What a former run has made, or
 * found not worth having, is not made again. New content stands in one SharedArrayBuffer. The quality goes by how much there
 * is to do unless one is named.
 */
export async function encodeContent(
  files: readonly SiteFile[],
  jobs: Pick<Jobs, 'run'>,
  quality: Quality = qualityFor(files),
): Promise<readonly SiteFile[]> {
  const byPath = new Map(files.map(file => [file.path, file]));
  const paths = new Set(files.flatMap(({ path }) => [path, ...(baseOfCoding(path) ?? [])]));
  const made: [path: string, bytes: Uint8Array][] = [];
  const next = paths.values();
  const work = async (): Promise<void> => {
    for (const path of next) {
      const contents = contentsOf(path, byPath);
      if (contents === undefined) continue;
      const input: EncodeInput = { ...contents, quality };
      const output = await jobs.run<EncodeOutput>(ENCODE_JOB, input, { timeoutMs: JOB_TIMEOUT_MS });
      for (const [coding, bytes] of output) made.push([`${CODINGS_FOLDER}/${coding}/${path}`, bytes]);
    }
  };
  await Promise.all(Array.from({ length: JOBS_AT_ONCE }, work));
  return [...files, ...shareMemory(made)];
}

function qualityFor(files: readonly SiteFile[]): Quality {
  const text = files.filter(({ path }) => isCompressible(mediaTypeOf(path)));
  const total = text.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return total <= BEST_QUALITY_MAX_BYTES ? 'best' : 'quick';
}

/** What the job needs for the file of that path; undefined where nothing is missing. */
function contentsOf(
  path: string,
  byPath: ReadonlyMap<string, SiteFile>,
): Omit<EncodeInput, 'quality'> | undefined {
  if (!isReachable(path) || !isCompressible(mediaTypeOf(path))) return undefined;
  const made = (coding: string): boolean => byPath.has(`${CODINGS_FOLDER}/${coding}/${path}`);
  const own = CODED.flatMap(coding => {
    const file = byPath.get(path + CODING_EXTENSIONS[coding]);
    return file === undefined ? [] : [[coding, file.bytes] as const];
  });
  const identity = byPath.get(path)?.bytes;
  if (identity === undefined) return made('identity') || own.length === 0 ? undefined : { own };
  if (identity.length < SIZE_MIN_BYTES && own.length === 0) return undefined;
  const ownCodings = new Set<string>(own.map(([coding]) => coding));
  return CODED.every(coding => made(coding) || ownCodings.has(coding)) && CODED.some(made)
    ? undefined
    : { identity, own };
}

/** In one block that workers can share, sorted: how long each job took does not show. */
function shareMemory(made: [path: string, bytes: Uint8Array][]): SiteFile[] {
  made.sort(([left], [right]) => (left < right ? -1 : 1));
  const shared = intoSharedMemory(made.map(([, bytes]) => bytes));
  return made.map(([path], at) => ({ path, bytes: shared[at] as Uint8Array }));
}
