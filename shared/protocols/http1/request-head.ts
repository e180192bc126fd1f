import type { Request } from '../../devices/http-exchange.ts';
import { COLON, CR, IS_TARGET, IS_TOKEN, IS_VALUE, SP, TAB, type Latin1 } from '../http/characters.ts';
import { addField, EmptyFields, type Fields } from '../http/fields.ts';
import { frameRequest, type Framing } from './framing.ts';
import { refusal, type Refusal } from './refusal.ts';

export interface RequestHead extends Framing {
  readonly request: Request;
}

const VERSION_LENGTH = 8;

/** Takes apart the head from `start` to `end`, its empty line included, whose lines all end by CRLF. */
export function parseRequestHead(
  bytes: Uint8Array,
  start: number,
  end: number,
  latin1: Latin1,
): RequestHead | Refusal {
  const methodEnd = spanOf(IS_TOKEN, bytes, start);
  // RFC 9112 §3: method SP request-target SP HTTP-version; other whitespace than one SP is refused.
  if (methodEnd === start || bytes[methodEnd] !== SP) return refusal(400, 'request line');
  const targetEnd = spanOf(IS_TARGET, bytes, methodEnd + 1);
  if (targetEnd === methodEnd + 1 || bytes[targetEnd] !== SP) return refusal(400, 'request target');
  const versionEnd = targetEnd + 1 + VERSION_LENGTH;
  const text = latin1(bytes, start, end);
  const minor = minorVersionOf(text.slice(targetEnd + 1 - start, versionEnd - start));
  if (bytes[versionEnd] !== CR || minor === undefined) return refusal(400, 'HTTP version');
  // RFC 9110 §2.5: a server that does not know the major version answers 505.
  if (minor === 'other major') return refusal(505, 'HTTP version');
  const fields = new EmptyFields();
  const fault = parseFields({ bytes, start, text, fields }, versionEnd + 2, end - 2);
  if (fault !== undefined) return fault;
  const framing = frameRequest(fields, minor);
  if ('status' in framing) return framing;
  const method = text.slice(0, methodEnd - start);
  const target = text.slice(methodEnd + 1 - start, targetEnd - start);
  return { request: { method, target, fields }, ...framing };
}

/** RFC 9112 §2.3: HTTP-version is case-sensitive. RFC 9110 §2.5: a higher minor version is read as the highest one known. */
function minorVersionOf(version: string): 0 | 1 | 'other major' | undefined {
  if (version === 'HTTP/1.1') return 1;
  if (version === 'HTTP/1.0') return 0;
  if (!/^HTTP\/\d\.\d$/.test(version)) return undefined;
  return version.startsWith('HTTP/1.') ? 1 : 'other major';
}

interface Head {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** The head as characters of the same positions, from `start`. */
  readonly text: string;
  readonly fields: Fields;
}

function parseFields(head: Head, from: number, end: number): Refusal | undefined {
  const { bytes } = head;
  for (let at = from; at < end;) {
    const nameEnd = spanOf(IS_TOKEN, bytes, at);
    // RFC 9112 §5.1: no whitespace between name and colon. §5.2: a line that begins by whitespace is an obs-fold. Both are 400.
    if (nameEnd === at || bytes[nameEnd] !== COLON) return refusal(400, 'field name');
    let valueStart = nameEnd + 1;
    while (isBlank(bytes[valueStart])) valueStart++;
    const lineEnd = spanOf(IS_VALUE, bytes, valueStart);
    if (bytes[lineEnd] !== CR) return refusal(400, 'field value');
    let valueEnd = lineEnd;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1])) valueEnd--;
    const name = head.text.slice(at - head.start, nameEnd - head.start).toLowerCase();
    const value = head.text.slice(valueStart - head.start, valueEnd - head.start);
    if (!addField(head.fields, name, value)) return refusal(400, `several ${name}`);
    at = lineEnd + 2;
  }
  return undefined;
}

/** Where the bytes that `table` holds, from `start` on, end. A head ends by CRLF, which no table holds. */
function spanOf(table: Uint8Array, bytes: Uint8Array, start: number): number {
  let index = start;
  while (table[bytes[index] as number] === 1) index++;
  return index;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === TAB;
}
