import { concatBytes, parseHex } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Name } from '../name.ts';
import { upperHex } from './blobs.ts';
import { formatType, isDataType } from './mnemonics.ts';
import { fieldsOf } from './table.ts';
import { TokenReader, type Token } from './tokens.ts';
import { checkData } from './wire.ts';

export type { Token } from './tokens.ts';

/** RFC 1035 §4.1.3: the length of the data has 16 bits. */
const DATA_MAX_BYTES = 0xffff;

/** A record's data as a master file has it, to wire form. The message says which field is wrong and what would be right. */
export function parseData(type: number, tokens: readonly Token[], origin: Name): Result<Uint8Array, string> {
  if (!isDataType(type)) return err(`${formatType(type)} is for messages; a zone has no records of it`);
  const isGeneric = tokens[0]?.text === '\\#' && !tokens[0].quoted;
  const data = isGeneric ? parseGeneric(tokens.slice(1), origin) : parseFields(type, tokens, origin);
  if (!data.ok) return data;
  if (data.value.length > DATA_MAX_BYTES) return err(`the data is longer than ${DATA_MAX_BYTES} bytes`);
  const fault = checkData(type, data.value);
  return fault === undefined ? data : err(fault);
}

/** The data in the form that {@link parseData} reads under any origin; in RFC 3597's where it is not of the type's form. */
export function formatData(type: number, data: Uint8Array): string {
  const fields = fieldsOf(type);
  if (fields === undefined || checkData(type, data) !== undefined) return formatGeneric(data);
  const texts: string[] = [];
  let offset = 0;
  for (const field of fields) {
    const end = field.end(data, offset);
    const text = field.format(data.subarray(offset, end), data.subarray(0, offset));
    if (text !== '') texts.push(text);
    offset = end;
  }
  return texts.join(' ');
}

function parseFields(type: number, tokens: readonly Token[], origin: Name): Result<Uint8Array, string> {
  const fields = fieldsOf(type);
  if (fields === undefined) return err(`data of ${formatType(type)} is written as \\# LENGTH HEX`);
  const reader = new TokenReader(tokens, origin);
  const parts: Uint8Array[] = [];
  for (const field of fields) {
    const part = field.parse(reader, parts);
    if (!part.ok) return err(`${formatType(type)}, ${field.name}: ${part.error}`);
    parts.push(part.value);
  }
  const extra = reader.take();
  return extra === undefined
    ? ok(concatBytes(parts))
    : err(`${formatType(type)}: ${JSON.stringify(extra.text)} stands after the last field`);
}

/** RFC 3597 §5: `\#`, the number of bytes, then their hexadecimal digits with any blanks in them. */
function parseGeneric(tokens: readonly Token[], origin: Name): Result<Uint8Array, string> {
  const form = 'right would be the number of bytes, then two hexadecimal digits for each';
  const words = new TokenReader(tokens, origin).takeWords(form);
  if (!words.ok) return words;
  const [length = '', ...hex] = words.value;
  const bytes = parseHex(hex.join(''));
  if (!/^[0-9]{1,5}$/.test(length) || bytes === undefined) return err(`\\#: ${form}`);
  return bytes.length === Number(length)
    ? ok(bytes)
    : err(`\\#: ${length} bytes are said and ${bytes.length} are there`);
}

function formatGeneric(data: Uint8Array): string {
  return data.length === 0 ? '\\# 0' : `\\# ${data.length} ${upperHex(data)}`;
}
