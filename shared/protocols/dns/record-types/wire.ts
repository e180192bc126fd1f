import { concatBytes } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { decodeName, lowerByte, nameInWire } from '../name.ts';
import { MALFORMED, type Field, type NameRules } from './field.ts';
import { formatType } from './mnemonics.ts';
import { fieldsOf } from './table.ts';

/** What is wrong with the data by the form of its type, or undefined. Names are whole; unknown types are never wrong. */
export function checkData(type: number, data: Uint8Array): string | undefined {
  const fields = fieldsOf(type);
  if (fields === undefined) return undefined;
  let offset = 0;
  for (const field of fields) {
    offset = field.end(data, offset);
    if (offset === MALFORMED) return malformed(type, field);
  }
  return offset === data.length ? undefined : trailing(type, data.length - offset);
}

/** RFC 4034 §6.2: the data with the names that its type lists in lower case. Malformed data stays as it is. */
export function canonicalData(type: number, data: Uint8Array): Uint8Array {
  const names = findNames(type, data).filter(({ rules }) => rules.lowerCase);
  if (names.length === 0) return data;
  const canonical = Uint8Array.from(data);
  // Length bytes are below the letters, so a name in wire form is lowered byte by byte.
  for (const { offset, end } of names)
    for (let at = offset; at < end; at++) canonical[at] = lowerByte(canonical[at] as number);
  return canonical;
}

/** Where the whole fields that are names begin, and whether they may be written compressed. */
export function namesIn(
  type: number,
  data: Uint8Array,
): readonly { readonly offset: number; readonly compressible: boolean }[] {
  return findNames(type, data).map(({ offset, rules }) => ({ offset, compressible: rules.compressible }));
}

/** The data at `start` … `end` of a message, whose names may be compressed where RFC 3597 §4 lets the type have such. */
export function dataFromMessage(
  message: Uint8Array,
  type: number,
  start: number,
  end: number,
): Result<Uint8Array, string> {
  const fields = fieldsOf(type);
  if (fields?.some(({ rules }) => rules?.decompress === true) === true)
    return decompress(message.subarray(0, end), type, fields, start);
  const data = message.slice(start, end);
  const fault = checkData(type, data);
  return fault === undefined ? ok(data) : err(fault);
}

/** `message` ends where the data does. */
function decompress(
  message: Uint8Array,
  type: number,
  fields: readonly Field[],
  start: number,
): Result<Uint8Array, string> {
  const parts: Uint8Array[] = [];
  let offset = start;
  for (const field of fields) {
    if (field.rules === undefined) {
      const end = field.end(message, offset);
      if (end === MALFORMED) return err(malformed(type, field));
      parts.push(message.subarray(offset, end));
      offset = end;
    } else {
      const decoded = decodeName(message, offset);
      if (!decoded.ok) return err(`${formatType(type)}, ${field.name}: ${decoded.error}`);
      parts.push(nameInWire(decoded.value.name));
      offset = decoded.value.end;
    }
  }
  return offset === message.length ? ok(concatBytes(parts)) : err(trailing(type, message.length - offset));
}

interface NameInData {
  readonly offset: number;
  readonly end: number;
  readonly rules: NameRules;
}

/** The names of the fields up to the first malformed one. */
function findNames(type: number, data: Uint8Array): NameInData[] {
  const names: NameInData[] = [];
  let offset = 0;
  for (const field of fieldsOf(type) ?? []) {
    const end = field.end(data, offset);
    if (end === MALFORMED) break;
    if (field.rules !== undefined) names.push({ offset, end, rules: field.rules });
    offset = end;
  }
  return names;
}

function malformed(type: number, field: Field): string {
  return `${formatType(type)}, ${field.name}: it is not ${field.form}`;
}

function trailing(type: number, bytes: number): string {
  return `${formatType(type)}: ${bytes} bytes after the last field`;
}
