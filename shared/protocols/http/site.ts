import { createHash } from 'node:crypto';
import { err, ok, type Result } from '../../base/result.ts';
import { formatHttpDate } from './date.ts';
import { mediaTypeOf } from './media-type.ts';
import type { Validators } from './preconditions.ts';
import { isReachable } from './target.ts';

/** A file as it came from the content folder. */
export interface SiteFile {
  /** Relative, `/`-separated. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly modifiedMs?: number;
}

/** A file ready to be served: all that does not depend on the request is made once. */
export interface Resource extends Validators {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Fields of a 200 answer and, without the content's own, of a 304. */
  readonly fields: readonly string[];
  readonly notModifiedFields: readonly string[];
}

export interface Site {
  /** By path without the leading slash, NFC. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** The site's own 404.html. */
  readonly notFound: Resource | undefined;
  readonly sizeBytes: number;
}

export type SiteFault = 'empty' | 'no-index';

/** Sent with everything: no guessing of types, no full addresses told to other sites. */
export const GENERAL_FIELDS: readonly string[] = [
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'strict-origin-when-cross-origin',
];

/** Indexes what can be reached; `nowMs` is when the files were read. */
export function indexSite(files: readonly SiteFile[], nowMs: number): Result<Site, SiteFault> {
  const resources = new Map<string, Resource>();
  let sizeBytes = 0;
  for (const file of files) {
    if (!isReachable(file.path)) continue;
    const resource = resourceOf(file, nowMs);
    resources.set(resource.path, resource);
    sizeBytes += file.bytes.length;
  }
  if (resources.size === 0) return err('empty');
  if (!resources.has('index.html')) return err('no-index');
  return ok({ resources, notFound: resources.get('404.html'), sizeBytes });
}

function resourceOf(file: SiteFile, nowMs: number): Resource {
  const mediaType = mediaTypeOf(file.path);
  const entityTag = `"${createHash('sha256').update(file.bytes).digest('base64url').slice(0, 22)}"`;
  const modifiedMs = lastModified(file, nowMs);
  const notModifiedFields = [
    'etag',
    entityTag,
    // Kept by caches but asked about each time: a new release is seen at once, and an unchanged file costs a 304.
    'cache-control',
    'no-cache',
    ...GENERAL_FIELDS,
  ];
  const fields = [
    'content-type',
    mediaType,
    'content-length',
    String(file.bytes.length),
    'accept-ranges',
    'bytes',
    ...(modifiedMs === undefined ? [] : ['last-modified', formatHttpDate(modifiedMs)]),
    ...notModifiedFields,
  ];
  return {
    path: file.path.normalize('NFC'),
    bytes: file.bytes,
    mediaType,
    entityTag,
    fields,
    notModifiedFields,
    ...(modifiedMs === undefined ? {} : { modifiedMs }),
  };
}

/**
 * RFC 9110 §8.8.2.2: a date is a strong validator only when the file cannot have changed again in the same second,
 * so a file read within a second of its change has none.
 */
function lastModified(file: SiteFile, nowMs: number): number | undefined {
  if (file.modifiedMs === undefined || file.modifiedMs > nowMs - 1000) return undefined;
  return Math.floor(file.modifiedMs / 1000) * 1000;
}
