import { cacheControlOf } from './cache-lifetime.ts';
import { formatHttpDate } from './date.ts';
import { changeFields, type HeaderChange } from './header-rules.ts';
import type { IndexedFile, Variant } from './index-content.ts';
import { isDocument } from './media-type.ts';
import type { Page, Representation } from './site.ts';

/** What decides about a page's fields besides the file itself. */
export interface FieldRules {
  readonly generalFields: readonly string[];
  readonly change: HeaderChange;
}

/** Sent with everything: no guessing of types, no full addresses told to other sites. */
export const GENERAL_FIELDS: readonly string[] = [
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'strict-origin-when-cross-origin',
];

/** Nobody else's page frames one of ours, which is how clicks are stolen. The older field is for older browsers. */
const DOCUMENT_FIELDS: readonly string[] = [
  'x-frame-options',
  'SAMEORIGIN',
  'content-security-policy',
  "frame-ancestors 'self'",
];

/**
 * RFC 9110 §15.4.5: a 304 has what would change the stored answer's handling, and no other metadata of the representation.
 */
const NOT_IN_304 = new Set([
  'accept-ranges',
  'content-encoding',
  'content-length',
  'content-type',
  'last-modified',
  'link',
]);

/** A file's representations with their fields. */
export function pageOf(file: IndexedFile, rules: FieldRules): Page {
  const representations = file.variants.map(variant => representationOf(file, variant, rules));
  const earlyHints = file.mediaType.startsWith('text/html') ? hintsIn(representations[0]?.fields) : undefined;
  return {
    kind: 'page',
    path: file.path,
    mediaType: file.mediaType,
    representations,
    ...(earlyHints === undefined ? {} : { earlyHints }),
  };
}

function representationOf(
  file: IndexedFile,
  { coding, bytes, entityTag }: Variant,
  { generalFields, change }: FieldRules,
): Representation {
  const { mediaType, modifiedMs } = file;
  // Where one representation is all there is, nothing depends on what the client takes.
  const negotiated = file.variants.length > 1 || coding !== 'identity';
  const own = [
    ...['content-type', mediaType, 'content-length', String(bytes.length)],
    ...(coding === 'identity' ? [] : ['content-encoding', coding]),
    ...['accept-ranges', 'bytes', 'etag', entityTag],
    ...(modifiedMs === undefined ? [] : ['last-modified', formatHttpDate(modifiedMs)]),
    // RFC 9110 §12.5.5: the answer was chosen by this field of the request.
    ...(negotiated ? ['vary', 'accept-encoding'] : []),
    ...['cache-control', cacheControlOf(file.path, mediaType)],
    ...(isDocument(mediaType) ? DOCUMENT_FIELDS : []),
    ...generalFields,
  ];
  const fields = changeFields(own, change);
  return {
    coding,
    bytes,
    entityTag,
    fields,
    notModifiedFields: withoutFields(fields, NOT_IN_304),
    ...(modifiedMs === undefined ? {} : { modifiedMs }),
  };
}

/** RFC 8297 §2: what a browser can begin to load before the page is there. */
function hintsIn(fields: readonly string[] = []): readonly string[] | undefined {
  const index = fields.indexOf('link');
  const value = index % 2 === 0 ? fields[index + 1] : undefined;
  return value !== undefined && /;\s*rel="?(?:preload|preconnect|modulepreload)\b/i.test(value)
    ? ['link', value]
    : undefined;
}

export function withoutFields(fields: readonly string[], names: ReadonlySet<string>): string[] {
  return fields.filter((_, index) => !names.has(fields[index - (index % 2)] ?? ''));
}
