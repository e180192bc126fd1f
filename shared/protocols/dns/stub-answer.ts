import { err, ok, type Result } from '../../base/result.ts';
import type { Answer, RecordType } from '../../devices/resolver.ts';
import {
  CLASS_IN,
  FLAG,
  formatRcode,
  RCODE,
  TYPE,
  type Message,
  type Question,
  type ResourceRecord,
} from './message.ts';
import { decodeName, equalNames, type Name } from './name.ts';
import { viewOf } from '../../base/bytes.ts';
import { decodeRecordData } from './record-data.ts';

/** How many CNAMEs are followed: resolvers stop at 8 to 16, and a loop must end. */
const ALIASES_MAX = 16;

/** RFC 2308 §5: negative answers are kept at most this long; some resolvers keep them for a day, we need not. */
const NEGATIVE_TTL_MAX_SECONDS = 3 * 60 * 60;

/** RFC 2181 §8: a TTL with the top bit set is treated as zero. */
const TTL_MAX_SECONDS = 0x7fff_ffff;

/**
 * Whether `message` answers the query of that id and question. RFC 5452 §9.1: everything that can be compared is, since
 * an attacker off the path must guess it.
 */
export function answersQuery(message: Message, id: number, question: Question): boolean {
  const [asked] = message.questions;
  return (
    message.id === id &&
    (message.flags & FLAG.QR) !== 0 &&
    message.questions.length === 1 &&
    asked !== undefined &&
    asked.type === question.type &&
    asked.class === question.class &&
    equalNames(asked.name, question.name)
  );
}

/** What a recursive server's message says of `type` at `name`. `trustAd`: the server validates and the way to it is safe. */
export function readAnswer<T extends RecordType>(
  message: Message,
  { name, type }: { readonly name: Name; readonly type: T },
  trustAd: boolean,
): Result<Answer<T>, string> {
  const { rcode } = message;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return err(formatRcode(rcode));
  const secure = trustAd && (message.flags & FLAG.AD) !== 0;
  const chain = followAliases(message, name);
  if (!chain.ok) return chain;
  const found = message.answers.filter(
    record =>
      record.type === TYPE[type] &&
      record.class === CLASS_IN &&
      equalNames(record.name, owner(type, name, chain.value)),
  );
  const records: Answer<T>['records'][number][] = [];
  for (const record of found) {
    const data = decodeRecordData(message, record, type);
    if (!data.ok) return data;
    records.push(data.value);
  }
  const ttls = [...chain.value.records, ...found].map(({ ttlSeconds }) =>
    ttlSeconds > TTL_MAX_SECONDS ? 0 : ttlSeconds,
  );
  const ttlSeconds = found.length > 0 ? Math.min(...ttls) : Math.min(negativeTtl(message), ...ttls);
  return ok({ records, exists: rcode !== RCODE.NXDOMAIN, secure, ttlSeconds });
}

interface AliasChain {
  readonly target: Name;
  readonly records: readonly ResourceRecord[];
}

/** A question for CNAME itself is answered by the first alias, not by where the chain ends. */
function owner(type: RecordType, name: Name, chain: AliasChain): Name {
  return type === 'CNAME' ? name : chain.target;
}

/** RFC 1034 §3.6.2: the chain of CNAMEs that starts at `name`, in whatever order the records stand. */
function followAliases(message: Message, name: Name): Result<AliasChain, string> {
  const records: ResourceRecord[] = [];
  let target = name;
  for (;;) {
    const alias = message.answers.find(
      record => record.type === TYPE.CNAME && equalNames(record.name, target),
    );
    if (alias === undefined) return ok({ target, records });
    if (records.length === ALIASES_MAX) return err(`more than ${ALIASES_MAX} aliases`);
    const decoded = decodeName(message.bytes, alias.dataStart);
    if (!decoded.ok) return decoded;
    records.push(alias);
    target = decoded.value.name;
  }
}

/** RFC 2308 §5: the lesser of the SOA's own TTL and its MINIMUM field, the last four bytes of its data. */
function negativeTtl(message: Message): number {
  const soa = message.authorities.find(
    record => record.type === TYPE.SOA && record.dataEnd - record.dataStart >= 20,
  );
  if (soa === undefined) return 0;
  return Math.min(soa.ttlSeconds, viewOf(message.bytes).getUint32(soa.dataEnd - 4), NEGATIVE_TTL_MAX_SECONDS);
}
