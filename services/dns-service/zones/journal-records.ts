import { createHash } from 'node:crypto';
import { concatBytes, equalBytes, viewOf } from '../../../shared/base/bytes.ts';
import { err, ok, type Result } from '../../../shared/base/result.ts';
import type { ZoneDifference } from '../../../shared/protocols/dns/changes/difference.ts';
import type { RRset } from '../../../shared/protocols/dns/rrset.ts';
import type { KeptSerial } from './serial.ts';
import { decodeRRsets, encodeRRsets } from './rrset-bytes.ts';

/** A version of a zone. Without a difference, it is the file's content under another serial. */
export interface VersionRecord {
  readonly kind: 'version';
  readonly kept: KeptSerial;
  readonly difference?: ZoneDifference;
}

/** A piece of the content that the differences begin with: in the order of the zone, before all versions. */
export interface BeginningRecord {
  readonly kind: 'beginning';
  readonly rrsets: readonly RRset[];
}

export type JournalRecord = VersionRecord | BeginningRecord;

const CHECKSUM_BYTES = 8;
/** The body's length, then its checksum. */
const HEAD_BYTES = 4 + CHECKSUM_BYTES;

const BEGINNING = 1;
const VERSION = 2;
const CHANGED_VERSION = 3;
/** Kind, serial, time. */
const VERSION_BYTES = 1 + 4 + 8;

export function encodeJournalRecord(record: JournalRecord): Uint8Array<ArrayBuffer> {
  const body = encodeBody(record);
  const length = new Uint8Array(4);
  viewOf(length).setUint32(0, body.length);
  return concatBytes([length, checksum(body), body]);
}

export interface JournalContent {
  readonly records: readonly JournalRecord[];
  /** Bytes of whole records. What follows was never acknowledged: power went while it was written. */
  readonly wholeBytes: number;
}

/** An error where a record is whole, but is none of these. */
export function decodeJournal(bytes: Uint8Array): Result<JournalContent, string> {
  const records: JournalRecord[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= bytes.length) {
    const end = at + HEAD_BYTES + viewOf(bytes).getUint32(at);
    if (end === at + HEAD_BYTES || end > bytes.length) break;
    const body = bytes.subarray(at + HEAD_BYTES, end);
    if (!equalBytes(checksum(body), bytes.subarray(at + 4, at + HEAD_BYTES))) break;
    const record = decodeBody(body);
    if (!record.ok) return record;
    records.push(record.value);
    at = end;
  }
  return ok({ records, wholeBytes: at });
}

function encodeBody(record: JournalRecord): Uint8Array {
  if (record.kind === 'beginning')
    return concatBytes([Uint8Array.of(BEGINNING), encodeRRsets(record.rrsets)]);
  const { kept, difference } = record;
  const fixed = new Uint8Array(VERSION_BYTES);
  const view = viewOf(fixed);
  fixed[0] = difference === undefined ? VERSION : CHANGED_VERSION;
  view.setUint32(1, kept.serial);
  view.setFloat64(5, kept.atMs);
  if (difference === undefined) return fixed;
  const removed = encodeRRsets(difference.removed);
  const length = new Uint8Array(4);
  viewOf(length).setUint32(0, removed.length);
  return concatBytes([fixed, length, removed, encodeRRsets(difference.added)]);
}

function decodeBody(body: Uint8Array): Result<JournalRecord, string> {
  const kind = body[0];
  if (kind === BEGINNING) {
    const rrsets = decodeRRsets(body.subarray(1));
    return rrsets.ok ? ok({ kind: 'beginning', rrsets: rrsets.value }) : rrsets;
  }
  if ((kind !== VERSION && kind !== CHANGED_VERSION) || body.length < VERSION_BYTES)
    return err('a record is of no kind that is known');
  const view = viewOf(body);
  const kept = { serial: view.getUint32(1), atMs: view.getFloat64(5) };
  if (kind === VERSION) return ok({ kind: 'version', kept });
  if (body.length < VERSION_BYTES + 4) return err('a difference is cut off');
  const start = VERSION_BYTES + 4;
  const end = start + view.getUint32(VERSION_BYTES);
  const removed = decodeRRsets(body.subarray(start, end));
  if (!removed.ok) return removed;
  const added = decodeRRsets(body.subarray(end));
  if (!added.ok) return added;
  return ok({ kind: 'version', kept, difference: { removed: removed.value, added: added.value } });
}

function checksum(body: Uint8Array): Uint8Array {
  return createHash('sha256').update(body).digest().subarray(0, CHECKSUM_BYTES);
}
