import { selectRepresentation } from './accept-encoding.ts';
import { fieldOf, type Request, type Response } from './message.ts';
import { multipartByteranges } from './multipart.ts';
import { withoutFields } from './page-fields.ts';
import { evaluatePreconditions, rangeApplies } from './preconditions.ts';
import { type ByteRange, formatContentRange, parseRange } from './ranges.ts';
import { refuse } from './refuse.ts';
import type { Page, Representation } from './site.ts';

/** A page as the answer to GET or HEAD: coding, preconditions, ranges. HEAD's body is left to the caller. */
export function represent(page: Page, request: Request, nowMs: number): Response {
  const chosen = selectRepresentation(page.representations, fieldOf(request, 'accept-encoding'));
  // RFC 9110 §15.5.7: there is no form of it that this client could read.
  if (chosen === undefined) return refuse(406, VARY);
  // RFC 9110 §13.2.2: conditions are held against the representation that would be sent.
  const outcome = evaluatePreconditions(request, chosen, nowMs);
  if (outcome === 'failed') return refuse(412);
  if (outcome === 'not-modified') return { status: 304, fields: chosen.notModifiedFields, body: [] };
  const range = fieldOf(request, 'range');
  // RFC 9110 §14.2: Range is defined for GET alone.
  if (
    range === undefined ||
    request.method !== 'GET' ||
    !rangeApplies(request, datesApart(page, chosen), nowMs)
  )
    return whole(page, chosen, request);
  return representRange(page, chosen, range);
}

const VARY = ['vary', 'accept-encoding'];

/**
 * RFC 9110 §13.1.5: If-Range takes strong validators alone. Codings share their file's date, so a date cannot tell whose bytes a
 * client has already; tags can.
 */
function datesApart(page: Page, chosen: Representation): Representation {
  if (page.representations.length === 1) return chosen;
  const { modifiedMs: _shared, ...others } = chosen;
  return others;
}

function whole({ earlyHints }: Page, { fields, bytes }: Representation, request: Request): Response {
  const answer = { status: 200, fields, body: [bytes] };
  // RFC 8297 §3: not every client takes an interim answer well. Browsers that open a page do.
  const hinted = earlyHints !== undefined && fieldOf(request, 'sec-fetch-mode') === 'navigate';
  return hinted ? { ...answer, interim: [earlyHints] } : answer;
}

/** An error page under its status. Conditions and ranges are for 200 alone (RFC 9110 §13.2.1, §14.2). */
export function representError(page: Page, request: Request, status: number): Response {
  const chosen = selectRepresentation(page.representations, fieldOf(request, 'accept-encoding'));
  return chosen === undefined ? refuse(status) : { status, fields: chosen.fields, body: [chosen.bytes] };
}

/** The page without what would promise more than an error can keep. */
export function asErrorPage(page: Page): Page {
  const representations = page.representations.map(representation => ({
    ...representation,
    fields: [...withoutFields(representation.fields, ONLY_200), 'cache-control', 'no-cache'],
  }));
  return { ...page, representations };
}

const ONLY_200 = new Set(['accept-ranges', 'cache-control', 'etag', 'last-modified']);

function representRange(page: Page, chosen: Representation, range: string): Response {
  const size = chosen.bytes.length;
  const asked = parseRange(range, size);
  if (asked.kind === 'whole') return { status: 200, fields: chosen.fields, body: [chosen.bytes] };
  // RFC 9110 §15.5.17: a 416 tells the size, so that the client can ask again.
  if (asked.kind === 'unsatisfiable') return refuse(416, ['content-range', `bytes */${size}`]);
  const [first, ...others] = asked.ranges;
  return others.length === 0 ? onePart(chosen, first) : manyParts(page, chosen, asked.ranges);
}

function onePart({ fields, bytes }: Representation, range: ByteRange): Response {
  const partial = withField(fields, 'content-length', String(range.end - range.start));
  partial.push('content-range', formatContentRange(range, bytes.length));
  return { status: 206, fields: partial, body: [bytes.subarray(range.start, range.end)] };
}

function manyParts(
  { mediaType }: Page,
  { fields, bytes, entityTag }: Representation,
  ranges: readonly ByteRange[],
): Response {
  // The content's own hash cannot stand in the content, so no part can hold the boundary.
  const boundary = `lares-${entityTag.slice(1, -1)}`;
  const type = fields[fields.indexOf('content-type') + 1] ?? mediaType;
  const { contentType, contentLength, parts } = multipartByteranges(bytes, type, ranges, boundary);
  // RFC 9110 §15.3.7.2: no Content-Range in the head of a multipart answer.
  const typed = withField(fields, 'content-type', contentType);
  return { status: 206, fields: withField(typed, 'content-length', String(contentLength)), body: parts };
}

function withField(fields: readonly string[], name: string, value: string): string[] {
  const changed = [...fields];
  changed[changed.indexOf(name) + 1] = value;
  return changed;
}
