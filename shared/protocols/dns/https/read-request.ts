import { err, ok, type Result } from '../../../base/result.ts';
import type { Request } from '../../../devices/http-exchange.ts';
import { fieldOf } from '../../http/message.ts';

/** RFC 8484 §4.1: of the template that we are asked by, `https://HOST/dns-query{?dns}`. */
export const QUERY_PATH = '/dns-query';
/** RFC 8484 §6. */
export const MEDIA_TYPE = 'application/dns-message';
/** RFC 8484 §6: as long as one over TCP. */
export const MESSAGE_MAX_BYTES = 0xffff;

/** RFC 4648 §5; RFC 8484 §6: without padding. */
const BASE64_URL = /^[A-Za-z0-9_-]+$/;

/** Why a request has no message: a status code of HTTP. */
export type Refusal = 400 | 404 | 405 | 413 | 415;

/** Whether the content of a request is wanted, judged by its fields alone; the status where it is refused by them. */
export function judgeRequest({
  method,
  target,
  fields,
}: Request): Result<'in-target' | 'in-content', Refusal> {
  if (pathOf(target) !== QUERY_PATH) return err(404);
  // RFC 8484 §4.1: both have to be there. RFC 9110 §9.3.2: HEAD is GET without the content of the answer.
  if (method === 'GET' || method === 'HEAD') return ok('in-target');
  if (method !== 'POST') return err(405);
  const mediaType = fieldOf({ method, target, fields }, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  // RFC 8484 §4.1: 415 for a media type that the server cannot read.
  return mediaType === MEDIA_TYPE ? ok('in-content') : err(415);
}

/** The message in the query of a GET: RFC 8484 §4.1.1. */
export function messageInTarget(target: string): Result<Uint8Array, Refusal> {
  const query = target.slice(target.indexOf('?') + 1);
  const text = target.includes('?') ? valueOf(query, 'dns') : undefined;
  if (text === undefined || !BASE64_URL.test(text)) return err(400);
  // Four characters stand for three bytes.
  if (text.length * 3 > MESSAGE_MAX_BYTES * 4) return err(413);
  try {
    return ok(Uint8Array.fromBase64(text, { alphabet: 'base64url' }));
  } catch {
    // Too few characters, or bits behind the last byte.
    return err(400);
  }
}

/** RFC 9112 §3.2: origin-form, or absolute-form. */
function pathOf(target: string): string {
  return target.replace(/^https:\/\/[^/?#]*/i, '').split('?')[0] ?? '';
}

/** Nothing in it is escaped that may be in it. */
function valueOf(query: string, name: string): string | undefined {
  const pair = query.split('&').find(each => each.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
