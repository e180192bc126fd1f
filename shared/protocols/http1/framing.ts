import { isHost, parseContentLength, type Fields } from '../http/fields.ts';
import { refusal, type Refusal } from './refusal.ts';

/** In {@link Framing.contentLength}: content comes in chunks. */
export const CHUNKED = -1;

/** Where a request ends and whether another one may follow it. */
export interface Framing {
  /** Bytes, or {@link CHUNKED}. */
  readonly contentLength: number;
  readonly keepAlive: boolean;
  readonly minorVersion: 0 | 1;
  /** RFC 9110 §10.1.1: the client waits for 100 before it sends its content. */
  readonly expectsContinue: boolean;
}

export function frameRequest(fields: Fields, minorVersion: 0 | 1): Framing | Refusal {
  const host = fields['host'];
  // RFC 9112 §3.2: a request of 1.1 without Host, or with an invalid one, is 400.
  if (host === undefined ? minorVersion === 1 : !isHost(host)) return refusal(400, 'Host');
  const contentLength = contentLengthOf(fields, minorVersion);
  if (typeof contentLength === 'object') return contentLength;
  const expect = fields['expect'];
  // RFC 9110 §10.1.1: an expectation other than 100-continue may be answered 417; one from a 1.0 client is ignored.
  if (expect !== undefined && minorVersion === 1 && expect.toLowerCase() !== '100-continue')
    return refusal(417, 'Expect');
  return {
    contentLength,
    minorVersion,
    keepAlive: keepsAlive(fields['connection'], minorVersion),
    expectsContinue: expect !== undefined && minorVersion === 1 && contentLength !== 0,
  };
}

function contentLengthOf(fields: Fields, minorVersion: 0 | 1): number | Refusal {
  const coding = fields['transfer-encoding'];
  const length = fields['content-length'];
  if (coding !== undefined) {
    // RFC 9112 §6.3 (3): both together may be an attempt to smuggle; §6.1: so is Transfer-Encoding in a message of 1.0.
    if (length !== undefined) return refusal(400, 'Content-Length beside Transfer-Encoding');
    if (minorVersion === 0) return refusal(400, 'Transfer-Encoding of a 1.0 client');
    if (coding.toLowerCase() === 'chunked') return CHUNKED;
    // RFC 9112 §6.3 (4): the last coding must be chunked, once, else 400. §6.1: a coding that is not understood is 501.
    return /^(?:(?!chunked\b)[\w-]+ *, *)+chunked$/i.test(coding)
      ? refusal(501, 'transfer coding')
      : refusal(400, 'Transfer-Encoding');
  }
  if (length === undefined) return 0;
  return parseContentLength(length) ?? refusal(400, 'Content-Length');
}

/** RFC 9112 §9.3: 1.1 persists unless it says close; 1.0 closes unless it asks for keep-alive. */
function keepsAlive(connection: string | undefined, minorVersion: 0 | 1): boolean {
  if (connection === undefined) return minorVersion === 1;
  const options = connection
    .toLowerCase()
    .split(',')
    .map(option => option.trim());
  return !options.includes('close') && (minorVersion === 1 || options.includes('keep-alive'));
}
