import { viewOf } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { parseNameAt } from '../absolute-name.ts';
import { CLASS_IN, TYPE } from '../message.ts';
import type { Name } from '../name.ts';
import { classNumber, formatType, isDataType, typeNumber } from '../record-types/mnemonics.ts';
import { parseData, type Token } from '../record-types/presentation.ts';
import { parseSeconds } from '../seconds.ts';
import type { Entry } from './entry-reader.ts';
import type { ZoneFault } from './fault.ts';

/** One record of class IN. `data` in wire form. */
export interface ZoneRecord {
  readonly owner: Name;
  readonly type: number;
  readonly ttlSeconds: number;
  readonly data: Uint8Array;
}

/** What the lines of a file so far mean for the next: RFC 1035 §5.1. */
export interface EntryContext {
  origin: Name;
  /** Of the last record, with the text it was made of: most names stand on several lines. */
  owner: Name | undefined;
  ownerText: string | undefined;
  /** From `$TTL`. */
  defaultTtlSeconds: number | undefined;
  /** The last one that stood in a record. */
  lastTtlSeconds: number | undefined;
}

export type Complaint = Pick<ZoneFault, 'rule' | 'message'>;

/** RFC 1035 §5.1: owner, then TTL and class in either order, type, data. The owner is kept in `context`. */
export function readRecord(
  { indented, tokens }: Entry,
  context: EntryContext,
  warn: (complaint: Complaint) => void,
): Result<ZoneRecord, Complaint> {
  const owner = readOwner(indented ? undefined : tokens[0], context);
  if (!owner.ok) return owner;
  const head = readHead(tokens, indented ? 0 : 1);
  if (!head.ok) return head;
  const { type, ttlSeconds } = head.value;
  const data = parseData(type, tokens.slice(head.value.end), context.origin);
  if (!data.ok) return err({ rule: `data of ${formatType(type)}`, message: data.error });
  const ttl = chooseTtl({ explicit: ttlSeconds, type, data: data.value }, context, warn);
  if (!ttl.ok) return ttl;
  return ok({ owner: owner.value, type, ttlSeconds: ttl.value, data: data.value });
}

function readOwner(token: Token | undefined, context: EntryContext): Result<Name, Complaint> {
  if (token === undefined)
    return context.owner === undefined
      ? refuse('the line begins with a blank, but no record stands before it whose name it could have')
      : ok(context.owner);
  const { text, quoted } = token;
  if (text === context.ownerText && context.owner !== undefined) return ok(context.owner);
  if (quoted) return refuse(`a name stands without quotation marks: ${text}`);
  const name = parseNameAt(text, context.origin);
  if (!name.ok) return refuse(`${text} is no name: ${name.error}`);
  context.owner = name.value;
  context.ownerText = text;
  return name;
}

interface Head {
  readonly type: number;
  readonly ttlSeconds: number | undefined;
  /** Where the data begins. */
  readonly end: number;
}

function readHead(tokens: readonly Token[], at: number): Result<Head, Complaint> {
  let ttlSeconds: number | undefined;
  let hasClass = false;
  for (; at < tokens.length; at++) {
    const { text, quoted } = tokens[at] as Token;
    if (quoted) return refuse(`"${text}" stands where the type should; types have no quotation marks`);
    if (ttlSeconds === undefined && isDigit(text.charCodeAt(0))) {
      const parsed = parseTtl(text);
      if (!parsed.ok) return parsed;
      ttlSeconds = parsed.value;
      continue;
    }
    const type = typeNumber(text);
    if (type !== undefined) return checkType(type, { text, ttlSeconds, end: at + 1 });
    const found = hasClass ? undefined : classNumber(text);
    if (found === undefined)
      return refuse(
        `there is no record type ${text}; one without a name is written as TYPE and its number`,
        'RFC 3597 §5',
      );
    // RFC 1035 §5.2: all records of a zone are of one class.
    if (found !== CLASS_IN) return refuse(`the zone is of class IN, not ${text}`, 'RFC 1035 §5.2');
    hasClass = true;
  }
  return refuse('the record ends before its type: owner, TTL, class, type, data is the order');
}

function checkType(
  type: number,
  { text, ttlSeconds, end }: Omit<Head, 'type'> & { readonly text: string },
): Result<Head, Complaint> {
  // RFC 1035 §3.3.10: NULL is not allowed in master files.
  if (type === NULL) return refuse('NULL records (type 10) do not stand in master files', 'RFC 1035 §3.3.10');
  if (!isDataType(type))
    return refuse(`${text} is for questions and messages; no zone holds it`, 'RFC 6895 §3.1');
  return ok({ type, ttlSeconds, end });
}

const NULL = 10;

/** RFC 2181 §8: a TTL has 31 bits. */
const TTL_MAX_SECONDS = 0x7fff_ffff;

/** Seconds, or BIND's units as in `1h30m`. */
export function parseTtl(text: string): Result<number, Complaint> {
  const seconds = parseSeconds(text);
  if (seconds === undefined) return refuse(`${text} is no time: write seconds, or units as in 1h30m`);
  if (seconds > TTL_MAX_SECONDS)
    return refuse(`the TTL ${text} is above ${TTL_MAX_SECONDS} seconds`, 'RFC 2181 §8');
  return ok(seconds);
}

/** What the TTL is chosen by: the record's own, and for an SOA record its data. */
interface TtlSources {
  readonly explicit: number | undefined;
  readonly type: number;
  readonly data: Uint8Array;
}

function chooseTtl(
  { explicit, type, data }: TtlSources,
  context: EntryContext,
  warn: (complaint: Complaint) => void,
): Result<number, Complaint> {
  if (explicit !== undefined) {
    context.lastTtlSeconds = explicit;
    return ok(explicit);
  }
  // RFC 2308 §4: $TTL is for all records behind it that have none of their own.
  if (context.defaultTtlSeconds !== undefined) return ok(context.defaultTtlSeconds);
  // RFC 1035 §5.1: without it, the last one stated holds.
  if (context.lastTtlSeconds !== undefined) return ok(context.lastTtlSeconds);
  if (type !== TYPE.SOA) return refuse('the record has no TTL and no $TTL stands before it', 'RFC 2308 §4');
  // RFC 1035 §3.3.13: MINIMUM, the last field, was the default of all before $TTL came.
  const minimum = viewOf(data).getUint32(data.length - 4);
  warn({
    rule: 'RFC 2308 §4',
    message: `no TTL is given; the SOA's last field, ${minimum}, is taken for all`,
  });
  context.defaultTtlSeconds = minimum;
  return ok(minimum);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function refuse(message: string, rule = 'RFC 1035 §5.1'): { readonly ok: false; readonly error: Complaint } {
  return err({ rule, message });
}
