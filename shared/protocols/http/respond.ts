import { encodeUtf8 } from '../../base/bytes.ts';
import { fieldOf, REASONS, type Request, type Response } from './message.ts';
import { multipartByteranges } from './multipart.ts';
import { evaluatePreconditions, rangeApplies } from './preconditions.ts';
import { type ByteRange, formatContentRange, parseRange } from './ranges.ts';
import { GENERAL_FIELDS, type Resource, type Site } from './site.ts';
import { formatPath, parseTarget, type Target } from './target.ts';

const ALLOW = ['allow', 'GET, HEAD, OPTIONS'];
/** Methods that RFC 9110 §9.3 and RFC 5789 define: known, but not for files. */
const KNOWN_METHODS = new Set(['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'CONNECT']);

/** The answer of a static site to any request. `nowMs` is only for dates with two-digit years. */
export function respond(site: Site, request: Request, nowMs: number): Response {
  const { method } = request;
  // RFC 9110 §9.3.7: Allow tells what can be done; `*` asks of the server in general.
  if (method === 'OPTIONS') return { status: 204, fields: [...ALLOW, ...GENERAL_FIELDS], body: [] };
  // RFC 9110 §15.5.6: 405 names the methods that are allowed. §15.6.2: 501 is for a method that is not recognised.
  if (method !== 'GET' && method !== 'HEAD')
    return KNOWN_METHODS.has(method) ? refuse(405, ALLOW) : refuse(501);
  const answer = answerGet(site, request, nowMs);
  // RFC 9110 §9.3.2: HEAD has the fields of GET and no content.
  return method === 'HEAD' ? { ...answer, body: [] } : answer;
}

function answerGet(site: Site, request: Request, nowMs: number): Response {
  const target = parseTarget(request.target);
  if (!target.ok) return target.error === 404 ? notFound(site) : refuse(target.error);
  const path = target.value.segments.join('/');
  const isFolder = target.value.segments.at(-1) === '';
  const resource = site.resources.get(isFolder ? `${path}index.html` : path);
  if (resource !== undefined) return represent(resource, request, nowMs);
  if (!isFolder && site.resources.has(`${path}/index.html`)) return redirectToFolder(target.value);
  return notFound(site);
}

function represent(resource: Resource, request: Request, nowMs: number): Response {
  const outcome = evaluatePreconditions(request, resource, nowMs);
  if (outcome === 'failed') return refuse(412);
  if (outcome === 'not-modified') return { status: 304, fields: resource.notModifiedFields, body: [] };
  const range = fieldOf(request, 'range');
  // RFC 9110 §14.2: Range is defined for GET alone.
  if (range === undefined || request.method !== 'GET' || !rangeApplies(request, resource, nowMs))
    return { status: 200, fields: resource.fields, body: [resource.bytes] };
  return representRange(resource, range);
}

function representRange(resource: Resource, range: string): Response {
  const size = resource.bytes.length;
  const asked = parseRange(range, size);
  if (asked.kind === 'whole') return { status: 200, fields: resource.fields, body: [resource.bytes] };
  // RFC 9110 §15.5.17: a 416 tells the size, so that the client can ask again.
  if (asked.kind === 'unsatisfiable') return refuse(416, ['content-range', `bytes */${size}`]);
  const [first, ...others] = asked.ranges;
  return others.length === 0 ? onePart(resource, first) : manyParts(resource, asked.ranges);
}

function onePart(resource: Resource, range: ByteRange): Response {
  const fields = withContent(resource, resource.mediaType, range.end - range.start);
  fields.push('content-range', formatContentRange(range, resource.bytes.length));
  return { status: 206, fields, body: [resource.bytes.subarray(range.start, range.end)] };
}

function manyParts(resource: Resource, ranges: readonly ByteRange[]): Response {
  // The content's own hash cannot stand in the content, so no part can hold the boundary.
  const boundary = `lares-${resource.entityTag.slice(1, -1)}`;
  const { contentType, contentLength, parts } = multipartByteranges(
    resource.bytes,
    resource.mediaType,
    ranges,
    boundary,
  );
  // RFC 9110 §15.3.7.2: no Content-Range in the head of a multipart answer.
  return { status: 206, fields: withContent(resource, contentType, contentLength), body: parts };
}

/** The fields of the whole with another type and length. */
function withContent(resource: Resource, contentType: string, contentLength: number): string[] {
  const fields = [...resource.fields];
  fields[fields.indexOf('content-type') + 1] = contentType;
  fields[fields.indexOf('content-length') + 1] = String(contentLength);
  return fields;
}

function redirectToFolder(target: Target): Response {
  return redirect(`${formatPath(target.segments)}/${target.query}`);
}

/** RFC 9110 §15.4.9: 308 keeps the method. */
export function redirect(location: string): Response {
  return { status: 308, fields: ['location', location, 'content-length', '0', ...GENERAL_FIELDS], body: [] };
}

function notFound(site: Site): Response {
  const page = site.notFound;
  if (page === undefined) return refuse(404);
  return {
    status: 404,
    fields: [
      'content-type',
      page.mediaType,
      'content-length',
      String(page.bytes.length),
      'cache-control',
      'no-cache',
      ...GENERAL_FIELDS,
    ],
    body: [page.bytes],
  };
}

/** A short answer in words: the peer learns the code and nothing of the inside. */
export function refuse(status: number, fields: readonly string[] = []): Response {
  const body = encodeUtf8(`${status} ${REASONS[status] ?? 'Error'}\n`);
  return {
    status,
    fields: [
      'content-type',
      'text/plain; charset=utf-8',
      'content-length',
      String(body.length),
      ...fields,
      ...GENERAL_FIELDS,
    ],
    body: [body],
  };
}
