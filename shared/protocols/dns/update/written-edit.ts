import { encodeUtf8 } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { formatAbsoluteName, parseNameAt } from '../absolute-name.ts';
import { recordKey } from '../changes/rrset-identity.ts';
import { TYPE } from '../message.ts';
import { isAtOrBelow, parseName, type Name } from '../name.ts';
import { isDataType, typeNumber } from '../record-types/mnemonics.ts';
import { parseData } from '../record-types/presentation.ts';
import { encodeTxtData } from '../update.ts';
import { EntryReader, type Entry } from '../zone-file/entry-reader.ts';
import { parseTtl } from '../zone-file/record-entry.ts';
import type { RecordEdit } from './record-edit.ts';
import { SIGNER_TYPES } from './update-policy.ts';

/** An edit as a person writes it. */
export interface WrittenEdit {
  readonly action: 'set' | 'unset';
  /** Whole or below the zone; `@` is the zone itself. */
  readonly name: string;
  /** Absent: all types, of `unset` alone. */
  readonly type?: string | undefined;
  /** Each the data of a record as a master file has it; a text without quotation marks is one string, however long. */
  readonly values: readonly string[];
  /** Seconds, or units as in `1h30m`. */
  readonly ttl?: string | undefined;
}

/** An hour: a slip is out of most caches before anybody complains, and no server feels the questions. */
const TTL_DEFAULT = '1h';

/** Many more than an RRset sensibly has; one answer has to hold them. */
const VALUES_MAX = 100;

/** The error says what would be right. */
export function readEdit(written: WrittenEdit, zone: Name): Result<RecordEdit, string> {
  const owner = readOwner(written.name, zone);
  if (!owner.ok) return owner;
  const type = readType(written);
  if (!type.ok) return type;
  const ttl = parseTtl(written.ttl ?? TTL_DEFAULT);
  if (!ttl.ok) return err(ttl.error.message);
  const data = readValues(written, type.value, zone);
  if (!data.ok) return data;
  return ok({
    action: written.action,
    owner: owner.value,
    type: type.value,
    data: data.value,
    ttlSeconds: ttl.value,
  });
}

/** A name that ends with the zone's is whole, also without its final dot: nobody means www.example.org.example.org. */
function readOwner(text: string, zone: Name): Result<Name, string> {
  const whole = parseName(text);
  if (text !== '@' && whole.ok && isAtOrBelow(whole.value, zone)) return whole;
  const name = parseNameAt(text, zone);
  if (!name.ok) return err(`'${text}' is no name: ${name.error}`);
  return isAtOrBelow(name.value, zone)
    ? name
    : err(`${text} is not in the zone ${formatAbsoluteName(zone)}; write a name below it, or @ for itself`);
}

function readType({ action, type: text, values }: WrittenEdit): Result<number, string> {
  if (action === 'set' && (text === undefined || values.length === 0))
    return err('set takes a type and at least one value, such as: A 192.0.2.1');
  if (text === undefined)
    return values.length === 0 ? ok(TYPE.ANY) : err('values need their type before them');
  const type = typeNumber(text);
  if (type === undefined || !isDataType(type))
    return err(`there is no record type ${text}; one without a name is written as TYPE and its number`);
  if (SIGNER_TYPES.includes(type))
    return err(
      `${text.toUpperCase()} records are made by the server when it signs; they are not set by hand`,
    );
  return type === TYPE.SOA
    ? err(
        'the SOA record is not set by itself: the server counts its serial, and its times stand in the zone file',
      )
    : ok(type);
}

function readValues({ values }: WrittenEdit, type: number, zone: Name): Result<Uint8Array[], string> {
  if (values.length > VALUES_MAX) return err(`${values.length} values; ${VALUES_MAX} at most are taken`);
  const data = new Map<string, Uint8Array>();
  for (const value of values) {
    const one = readValue(value, type, zone);
    if (!one.ok) return one;
    data.set(recordKey(type, one.value), one.value);
  }
  return ok([...data.values()]);
}

function readValue(text: string, type: number, zone: Name): Result<Uint8Array, string> {
  // A shell takes the quotes off: a text with blanks is one string then, and not one for each word.
  if (type === TYPE.TXT && !text.includes('"')) return ok(encodeTxtData(encodeUtf8(text)));
  let fault: string | undefined;
  const reader = new EntryReader(text, (_line, message) => (fault ??= message));
  const entry: Entry | undefined = reader.next();
  const another = reader.next();
  if (fault !== undefined) return err(fault);
  if (entry === undefined || another !== undefined)
    return err('a value is the data of one record, on one line');
  return parseData(type, entry.tokens, zone);
}
