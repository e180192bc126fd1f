import { assert } from '../../base/assert.ts';
import type { Response } from '../../devices/http-exchange.ts';
import { formatHttpDate } from '../http/date.ts';
import { reasonPhrase } from './reason-phrase.ts';

/** What the connection adds to an answer's own fields. */
export interface HeadOptions {
  readonly nowMs: number;
  /** 'close': the last one (RFC 9112 §9.6); 'keep-alive': the client is of 1.0 and asked for it. */
  readonly connection?: 'close' | 'keep-alive' | undefined;
  /** The answer to HEAD: its length, where it is not told, is not that of its content. */
  readonly toHead?: boolean;
}

/** RFC 9110 §5.6.7: every IMF-fixdate is as long. */
export const DATE_BYTES = 29;

/** Where the date stands in a head with such a status. */
export function dateOffsetOf(status: number): number {
  return `${statusLine(status)}date: `.length;
}

/**
 * RFC 9112 §4: the head of an answer, with Date first (RFC 9110 §6.6.1: an origin server with a clock sends it), so that a head that is kept
 * gets a new one in place.
 */
export function encodeResponseHead(response: Response, options: HeadOptions): Uint8Array<ArrayBuffer> {
  const { status, fields, body } = response;
  let text = `${statusLine(status)}date: ${formatHttpDate(options.nowMs)}\r\n${formatFields(fields)}`;
  // RFC 9112 §6.3: without a length an answer would end with its connection.
  if (!tellsLength(response) && options.toHead !== true) text += `content-length: ${lengthOf(body)}\r\n`;
  if (options.connection !== undefined) text += `connection: ${options.connection}\r\n`;
  return encodeLatin1(`${text}\r\n`);
}

/** An interim answer (RFC 9110 §15.2): 100, or 103 with its fields. */
export function encodeInterim(status: 100 | 103, fields: readonly string[] = []): Uint8Array<ArrayBuffer> {
  return encodeLatin1(`${statusLine(status)}${formatFields(fields)}\r\n`);
}

/** Whether the head of `response` is the same for every method: it has its length, or (RFC 9110 §8.6: 204; §15.4.5: 304) has none. */
export function tellsLength({ status, fields }: Response): boolean {
  if (status === 204 || status === 304) return true;
  for (let index = 0; index < fields.length; index += 2) if (fields[index] === 'content-length') return true;
  return false;
}

export function lengthOf(body: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of body) length += part.length;
  return length;
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
}

function formatFields(fields: readonly string[]): string {
  let text = '';
  for (let index = 0; index < fields.length; index += 2) {
    const line = `${fields[index]}: ${fields[index + 1]}`;
    // A line end in a field would begin another answer.
    assert(/^[\t\x20-\x7e\x80-\xff]*$/.test(line), 'an answer has fields of one line each');
    text += `${line}\r\n`;
  }
  return text;
}

function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}
