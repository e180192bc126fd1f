import { createHash } from 'node:crypto';
import { decodeUtf8 } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ContentFault } from '../../base/content-fault.ts';
import { HEADERS_FILE, parseHeaderRules, type HeaderRule } from './header-rules.ts';
import { isCompressible, mediaTypeOf } from './media-type.ts';
import { parseRedirectRules, REDIRECTS_FILE, type RedirectRule } from './redirect-rules.ts';
import type { Coding } from './site.ts';
import { isReachable } from './target.ts';

/** A file as it came from the content folder. */
export interface SiteFile {
  /** Relative, `/`-separated. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly modifiedMs?: number;
}

/** A file in the codings that there are. */
export interface IndexedFile {
  /** NFC. */
  readonly path: string;
  readonly mediaType: string;
  /** A whole second; absent where it is not known. */
  readonly modifiedMs?: number;
  /** The smallest first. */
  readonly variants: readonly Variant[];
}

export interface Variant {
  readonly coding: Coding;
  readonly bytes: Uint8Array;
  /** With its quotes; strong: another for other bytes, and for another coding. */
  readonly entityTag: string;
}

/** What is worked out once per release, whatever the configuration. Plain data. */
export interface SiteContent {
  readonly files: ReadonlyMap<string, IndexedFile>;
  readonly headerRules: readonly HeaderRule[];
  readonly redirectRules: readonly RedirectRule[];
  /** Of all files as they are, without codings. */
  readonly sizeBytes: number;
}

/**
 * Codings that were made beforehand travel with the files in this folder, whose name keeps it from ever being served:
 * `.codings/br/index.html`. An empty file says that the coding is not worth having, or not what its name says.
 */
export const CODINGS_FOLDER = '.codings';

export const CODED = ['br', 'zstd', 'gzip'] as const;
export type Coded = (typeof CODED)[number];

/** How a file names the coding of its owner's making: `style.css.br` beside `style.css`, or in place of it. */
export const CODING_EXTENSIONS: Readonly<Record<Coded, string>> = {
  br: '.br',
  zstd: '.zst',
  gzip: '.gz',
};

/** Indexes what can be reached; `nowMs` is when the files were read. */
export function indexContent(
  files: readonly SiteFile[],
  nowMs: number,
): Result<SiteContent, readonly ContentFault[]> {
  const byPath = new Map(files.map(file => [file.path.normalize('NFC'), file]));
  const headerRules = parseHeaderRules(textOf(byPath.get(HEADERS_FILE)));
  const redirectRules = parseRedirectRules(textOf(byPath.get(REDIRECTS_FILE)));
  if (!headerRules.ok || !redirectRules.ok)
    return err([...faultsOf(headerRules), ...faultsOf(redirectRules)]);
  const indexed = new Map<string, IndexedFile>();
  let sizeBytes = 0;
  for (const [path, file] of byPath) {
    if (!isServed(path)) continue;
    sizeBytes += file.bytes.length;
    indexed.set(path, indexFile(path, file, byPath, nowMs));
  }
  for (const path of pathsWithoutBase(byPath)) {
    const file = indexFile(path, byPath.get(`${CODINGS_FOLDER}/identity/${path}`), byPath, nowMs);
    if (file.variants.length > 0) indexed.set(path, file);
  }
  return ok({
    files: indexed,
    headerRules: headerRules.value,
    redirectRules: redirectRules.value,
    sizeBytes,
  });
}

/** Rules are for us, and what nobody can reach is not indexed. */
function isServed(path: string): boolean {
  return path !== HEADERS_FILE && path !== REDIRECTS_FILE && isReachable(path);
}

function faultsOf(result: Result<unknown, readonly ContentFault[]>): readonly ContentFault[] {
  return result.ok ? [] : result.error;
}

function textOf(file: SiteFile | undefined): string {
  // TextDecoder takes no shared memory.
  return file === undefined ? '' : decodeUtf8(file.bytes.slice()).replace(/^\uFEFF/, '');
}

/**
 * `app.js` for `app.js.br`: what a file is a coding of by its name. Archives keep their own name: `site.tar.gz` is a file to be
 * saved.
 */
export function baseOfCoding(path: string): readonly [string] | undefined {
  const extension = Object.values(CODING_EXTENSIONS).find(each => path.endsWith(each));
  if (extension === undefined) return undefined;
  const base = path.slice(0, -extension.length);
  return isServed(base) && isCompressible(mediaTypeOf(base)) ? [base] : undefined;
}

function pathsWithoutBase(byPath: ReadonlyMap<string, SiteFile>): ReadonlySet<string> {
  const bases = [...byPath.keys()].flatMap(path => baseOfCoding(path) ?? []);
  return new Set(bases.filter(path => !byPath.has(path)));
}

function indexFile(
  path: string,
  file: SiteFile | undefined,
  byPath: ReadonlyMap<string, SiteFile>,
  nowMs: number,
): IndexedFile {
  const mediaType = mediaTypeOf(path);
  const variants: Variant[] = [];
  for (const coding of CODED) {
    const coded = codedFile(path, coding, byPath);
    if (coded !== undefined) variants.push(variantOf(coding, coded.bytes));
  }
  if (file !== undefined) variants.push(variantOf('identity', file.bytes));
  variants.sort((left, right) => left.bytes.length - right.bytes.length);
  const modifiedMs = file === undefined ? undefined : lastModified(file, nowMs);
  return { path, mediaType, variants, ...(modifiedMs === undefined ? {} : { modifiedMs }) };
}

function codedFile(path: string, coding: Coded, byPath: ReadonlyMap<string, SiteFile>): SiteFile | undefined {
  const made = byPath.get(`${CODINGS_FOLDER}/${coding}/${path}`);
  if (made !== undefined) return made.bytes.length === 0 ? undefined : made;
  return byPath.get(path + CODING_EXTENSIONS[coding]);
}

/** RFC 9110 §8.8.3.3: representations of different codings have different strong tags. */
function variantOf(coding: Coding, bytes: Uint8Array): Variant {
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { coding, bytes, entityTag: coding === 'identity' ? `"${hash}"` : `"${hash}-${coding}"` };
}

/**
 * RFC 9110 §8.8.2.2: a date is a strong validator only when the file cannot have changed again in the same second,
 * so a file read within a second of its change has none.
 */
function lastModified(file: SiteFile, nowMs: number): number | undefined {
  if (file.modifiedMs === undefined || file.modifiedMs > nowMs - 1000) return undefined;
  return Math.floor(file.modifiedMs / 1000) * 1000;
}
