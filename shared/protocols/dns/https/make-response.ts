import type { Response } from '../../../devices/http-exchange.ts';
import { refuse } from '../../http/refuse.ts';
import { decodeMessage } from '../message.ts';
import { MEDIA_TYPE, type Refusal } from './read-request.ts';

/** A message as an answer of HTTP. RFC 8484 §4.2.1: whatever its rcode, it is a success. */
export function responseOf(message: Uint8Array): Response {
  const fields = [
    ...['content-type', MEDIA_TYPE],
    ...['content-length', String(message.length)],
    ...['cache-control', `max-age=${freshSeconds(message)}`],
  ];
  return { status: 200, fields, body: [message] };
}

export function refusalOf(status: Refusal): Response {
  // RFC 9110 §15.5.6: what the resource takes is told.
  return refuse(status, status === 405 ? ['allow', 'GET, HEAD, POST'] : []);
}

/**
 * RFC 8484 §5.1: no longer than the smallest TTL of the answer section, and without an answer no longer than the SOA has it, whose TTL in our
 * answers is its MINIMUM at most (RFC 2308 §3). What has no records is not to be kept.
 */
function freshSeconds(message: Uint8Array): number {
  const decoded = decodeMessage(message);
  if (!decoded.ok) return 0;
  const { answers, authorities } = decoded.value;
  const seconds = [...answers, ...authorities].map(({ ttlSeconds }) => ttlSeconds);
  return seconds.length === 0 ? 0 : Math.min(...seconds);
}
