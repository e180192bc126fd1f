import { lowerByte } from '../name.ts';
import { MALFORMED, type NameRules } from './field.ts';
import { fieldsOf } from './table.ts';

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
