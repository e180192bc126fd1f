import { assert } from '../../../base/assert.ts';
import { formatHttpDate } from '../../http/date.ts';
import { isConnectionSpecific, isFieldName, isFieldValue } from '../field-rules.ts';
import { BlockWriter } from './block-writer.ts';
import { staticFieldIndexOf, staticIndexOf } from './static-table.ts';

/** RFC 7541 §6.1, §6.2.2, §6.2.3: how a representation begins, and the bits of its index. */
const INDEXED = 0x80;
const INDEXED_PREFIX = 0x7f;
const LITERAL = 0x00;
const LITERAL_NEVER_INDEXED = 0x10;
const LITERAL_PREFIX = 0x0f;

/** Representation and two lengths, each with the most bytes that an integer of a block takes. */
const FIELD_OVERHEAD_BYTES = 12;

export interface BlockOptions {
  readonly nowMs: number;
  /** Of an answer whose fields do not tell it. */
  readonly contentLength?: number;
}

/** The header block of an answer. It leaves the client's table alone, so that it is the same bytes for every client. */
export interface ResponseBlock {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the date stands, 29 characters as they are: that of a block that is kept is written anew in place. */
  readonly dateOffset: number;
}

/** :status, date (RFC 9110 §6.6.1: an origin server with a clock sends it) and `fields`: name, value, name, value … */
export function encodeResponseBlock(
  status: number,
  fields: readonly string[],
  options: BlockOptions,
): ResponseBlock {
  const date = formatHttpDate(options.nowMs);
  const length = options.contentLength;
  const own = length === undefined ? [] : ['content-length', String(length)];
  const block = new BlockWriter(blockMaxBytes([':status', '000', 'date', date, ...own, ...fields]));
  writeStatus(block, status);
  block.integer(staticIndexOf('date'), LITERAL, LITERAL_PREFIX);
  block.plainText(date);
  const dateOffset = block.at - date.length;
  writeFields(block, own);
  writeFields(block, fields);
  return { bytes: block.finish(), dateOffset };
}

/** The header block of an interim answer (RFC 9110 §15.2): 100, or 103 with its fields. */
export function encodeInterimBlock(status: 100 | 103, fields: readonly string[]): Uint8Array<ArrayBuffer> {
  const block = new BlockWriter(blockMaxBytes([':status', '000', ...fields]));
  writeStatus(block, status);
  writeFields(block, fields);
  return block.finish();
}

function blockMaxBytes(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += text.length;
  return bytes + (texts.length / 2) * FIELD_OVERHEAD_BYTES;
}

/** RFC 9113 §8.3.2: :status, and no other pseudo-header field. */
function writeStatus(block: BlockWriter, status: number): void {
  assert(Number.isInteger(status) && status >= 100 && status <= 999, 'a status has three digits');
  writeField(block, ':status', String(status));
}

function writeFields(block: BlockWriter, fields: readonly string[]): void {
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] as string;
    const value = fields[index + 1] as string;
    // RFC 9113 §8.2.1, §8.2.2: what a client would have to refuse; a line end would begin another answer behind a proxy of HTTP/1.1.
    assert(isFieldName(name) && !isConnectionSpecific(name), 'an answer has fields of HTTP/2');
    assert(isFieldValue(value), 'an answer has fields of one line each');
    // RFC 9113 §8.2.1: no whitespace around a value; in HTTP/1.1 it means nothing.
    writeField(block, name, value.replace(/^[\t ]+|[\t ]+$/g, ''));
  }
}

function writeField(block: BlockWriter, name: string, value: string): void {
  const same = staticFieldIndexOf(name, value);
  if (same > 0) return block.integer(same, INDEXED, INDEXED_PREFIX);
  // RFC 7541 §7.1.3: what is one client's secret is to stay out of the tables of whoever passes it on.
  const pattern = name === 'set-cookie' ? LITERAL_NEVER_INDEXED : LITERAL;
  const index = staticIndexOf(name);
  block.integer(index, pattern, LITERAL_PREFIX);
  if (index === 0) block.text(name);
  block.text(value);
}
