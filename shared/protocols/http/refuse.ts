import { encodeUtf8 } from '../../base/bytes.ts';
import { REASONS, type Response } from './message.ts';
import { GENERAL_FIELDS } from './page-fields.ts';

/** A short answer in words: the peer learns the code and nothing of the inside. */
export function refuse(
  status: number,
  fields: readonly string[] = [],
  generalFields: readonly string[] = GENERAL_FIELDS,
): Response {
  const body = encodeUtf8(`${status} ${REASONS[status] ?? 'Error'}\n`);
  const own = ['content-type', 'text/plain; charset=utf-8', 'content-length', String(body.length)];
  return { status, fields: [...own, ...fields, ...generalFields], body: [body] };
}

/** RFC 9110 §15.4.9: 308 keeps the method. */
export function redirect(
  location: string,
  status = 308,
  generalFields: readonly string[] = GENERAL_FIELDS,
): Response {
  return { status, fields: ['location', location, 'content-length', '0', ...generalFields], body: [] };
}
