import { recordKey } from '../changes/rrset-identity.ts';
import type { RecordToEncode } from '../encode-message.ts';
import { TYPE } from '../message.ts';
import { equalNames, type Name } from '../name.ts';
import { formatType } from '../record-types/mnemonics.ts';
import type { RRset } from '../rrset.ts';
import { addRecord, deleteRecord, deleteRrset } from '../update.ts';

/** What a person wants of the records of one name and type. */
export interface RecordEdit {
  /** `set`: these records and no others of the type; `unset`: these are gone, or all where none is named. */
  readonly action: 'set' | 'unset';
  readonly owner: Name;
  /** ANY, of `unset` without data alone: all types. */
  readonly type: number;
  /** In wire form. */
  readonly data: readonly Uint8Array[];
  /** Of `set`. */
  readonly ttlSeconds: number;
}

/**
 * The edit as an update: RFC 2136 §2.5. `there`: the records of the name and type at the server, needed for the zone's own NS records,
 * which cannot be deleted all at once (§3.4.2.3).
 */
export function updatesOf(edit: RecordEdit, zone: Name, there: readonly Uint8Array[]): RecordToEncode[] {
  const { action, owner: name, type, data, ttlSeconds } = edit;
  const record = (one: Uint8Array): Pick<RecordToEncode, 'name' | 'type' | 'data'> => ({
    name,
    type,
    data: one,
  });
  if (action === 'unset')
    return data.length === 0 ? [deleteRrset(name, type)] : data.map(one => deleteRecord(record(one)));
  const added = data.map(one => addRecord(record(one), ttlSeconds));
  if (!isKeptWhole(edit, zone)) return [deleteRrset(name, type), ...added];
  const wanted = new Set(data.map(one => recordKey(type, one)));
  const others = there.filter(one => !wanted.has(recordKey(type, one)));
  return [...added, ...others.map(one => deleteRecord(record(one)))];
}

/** Whether {@link updatesOf} has to know what is there. */
export function isKeptWhole({ owner, type }: Pick<RecordEdit, 'owner' | 'type'>, zone: Name): boolean {
  return type === TYPE.NS && equalNames(owner, zone);
}

/** RFC 2136 §3.4.2 passes over in silence what cannot be; a person is told. undefined: the edit is made. */
export function whatIsOtherwise(edit: RecordEdit, at: readonly RRset[]): string | undefined {
  const { action, type, data } = edit;
  const keys = new Set((rrsetOf(at, type)?.data ?? []).map(one => recordKey(type, one)));
  const wanted = data.map(one => recordKey(type, one));
  if (action === 'set') {
    if (keys.size === wanted.length && wanted.every(key => keys.has(key))) return undefined;
    return at.some(rrset => rrset.type === TYPE.CNAME)
      ? 'a CNAME stands at that name, and nothing else may stand beside it: unset it first (RFC 1034 §3.6.2)'
      : `the ${formatType(type)} records at that name are not as wanted: ${type === TYPE.CNAME ? 'a CNAME stands alone, so unset what else is there first (RFC 1034 §3.6.2)' : 'the server keeps others'}`;
  }
  const left =
    type === TYPE.ANY
      ? at.length > 0
      : wanted.length === 0
        ? keys.size > 0
        : wanted.some(key => keys.has(key));
  return left ? 'a zone keeps its SOA record and at least one NS record (RFC 2136 §3.4.2)' : undefined;
}

function rrsetOf(at: readonly RRset[], type: number): RRset | undefined {
  return at.find(rrset => rrset.type === type);
}
