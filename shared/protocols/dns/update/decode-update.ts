import { err, ok, type Result } from '../../../base/result.ts';
import {
  CLASS_ANY,
  CLASS_IN,
  CLASS_NONE,
  RCODE,
  TYPE,
  type Message,
  type ResourceRecord,
} from '../message.ts';
import type { Name } from '../name.ts';
import { isDataType } from '../record-types/mnemonics.ts';
import { dataFromMessage } from '../record-types/wire.ts';

/** A record of an update. Its class says what is meant: RFC 2136 §2.4 and §2.5. */
export interface UpdateRecord {
  readonly owner: Name;
  readonly type: number;
  readonly class: number;
  readonly ttlSeconds: number;
  /** With whole names; empty where there is none. */
  readonly data: Uint8Array;
}

/** What a client asks for: RFC 2136 §2. All of it is done or nothing. */
export interface UpdateRequest {
  /** The apex of the zone. */
  readonly zone: Name;
  readonly prerequisites: readonly UpdateRecord[];
  readonly updates: readonly UpdateRecord[];
}

/** What the request is, or the rcode of its answer. Whether its zone is here, others look. */
export function decodeUpdate(message: Message): Result<UpdateRequest, number> {
  const [question, ...others] = message.questions;
  // RFC 2136 §3.1.1: exactly one zone, named by an SOA question.
  if (question === undefined || others.length > 0 || question.type !== TYPE.SOA) return err(RCODE.FORMERR);
  if (question.class !== CLASS_IN) return err(RCODE.NOTAUTH);
  const prerequisites = decodeRecords(message, message.answers);
  const updates = decodeRecords(message, message.authorities);
  if (prerequisites === undefined || updates === undefined) return err(RCODE.FORMERR);
  return ok({ zone: question.name, prerequisites, updates });
}

function decodeRecords({ bytes }: Message, records: readonly ResourceRecord[]): UpdateRecord[] | undefined {
  const decoded: UpdateRecord[] = [];
  for (const { name: owner, type, class: recordClass, ttlSeconds, dataStart, dataEnd } of records) {
    const isBare = dataStart === dataEnd && recordClass !== CLASS_IN;
    const data = isBare ? ok(new Uint8Array()) : dataFromMessage(bytes, type, dataStart, dataEnd);
    const record = { owner, type, class: recordClass, ttlSeconds, data: data.ok ? data.value : bytes };
    if (!data.ok || !isWellFormed(record)) return undefined;
    decoded.push(record);
  }
  return decoded;
}

/** What RFC 2136 §3.2.5 and §3.4.1.3 ask of records in both sections alike. */
function isWellFormed({ type, class: recordClass, data }: UpdateRecord): boolean {
  if (recordClass === CLASS_IN) return isDataType(type);
  if (recordClass === CLASS_ANY) return data.length === 0 && (isDataType(type) || type === TYPE.ANY);
  return recordClass === CLASS_NONE && (isDataType(type) || type === TYPE.ANY);
}
