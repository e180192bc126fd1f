import { concatBytes } from '../../base/bytes.ts';
import { encodeMessage, headerFlags, type RecordToEncode } from './encode-message.ts';
import { CLASS_ANY, CLASS_IN, CLASS_NONE, OPCODE, TYPE } from './message.ts';
import type { Name } from './name.ts';

/** An update of one zone: RFC 2136 §2. All of it is done or nothing. */
export interface Update {
  readonly id: number;
  /** The apex of the zone. */
  readonly zone: Name;
  /** Done in this order: RFC 2136 §3.4.2. */
  readonly updates: readonly RecordToEncode[];
}

export function encodeUpdate({ id, zone, updates }: Update): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    id,
    flags: headerFlags(OPCODE.UPDATE, 0),
    // RFC 2136 §2.3: one question of type SOA names the zone.
    questions: [{ name: zone, type: TYPE.SOA, class: CLASS_IN }],
    authorities: updates,
  });
}

type WholeRecord = Pick<RecordToEncode, 'name' | 'type' | 'data'>;

/** RFC 2136 §2.5.1: adds the record beside those of its name and type; one with the same data gets the new TTL. */
export function addRecord(record: WholeRecord, ttlSeconds: number): RecordToEncode {
  return { ...record, class: CLASS_IN, ttlSeconds };
}

/** RFC 2136 §2.5.4: deletes the record with exactly this data; the others of its name and type stay. */
export function deleteRecord(record: WholeRecord): RecordToEncode {
  return { ...record, class: CLASS_NONE, ttlSeconds: 0 };
}

/** RFC 2136 §2.5.2: deletes the records of that name and type; §2.5.3, of type ANY: all of that name. */
export function deleteRrset(name: Name, type: number): RecordToEncode {
  return { name, type, class: CLASS_ANY, ttlSeconds: 0, data: new Uint8Array() };
}

/** RFC 1035 §3.3.14: character-strings of at most 255 bytes, each behind its length; at least one. */
export function encodeTxtData(text: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < text.length; at += STRING_MAX_BYTES) {
    const part = text.subarray(at, at + STRING_MAX_BYTES);
    parts.push(Uint8Array.of(part.length), part);
  }
  return concatBytes(parts);
}

const STRING_MAX_BYTES = 255;
