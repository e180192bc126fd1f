import { assert } from '../../../base/assert.ts';
import type { AskedName } from '../compiled/asked-name.ts';
import { NONE, type CompiledZone } from '../compiled/compiled-zone.ts';
import { BLOCK } from '../compiled/layout.ts';
import { denyName, denyTypes } from '../dnssec/compact-denial.ts';
import { CLASS_IN, TYPE } from '../message.ts';
import { decodeName, type Name } from '../name.ts';
import { dataFromMessage } from '../record-types/wire.ts';
import type { RRset } from '../rrset.ts';
import { RECORD_BYTES, SECTION, type Reply } from './reply.ts';

/** The data of the RRSIGs of an RRset that is made while answering; undefined: the zone's keys are not here. */
export type SignOnline = (apex: Name, rrset: RRset) => readonly Uint8Array[] | undefined;

/** Makes what a zone of compact denial (RFC 9824) has not ready. Without `sign` it notes that others have to. */
export class CompactAnswers {
  /** False: something was to be signed, and could not be. */
  isComplete = true;
  readonly #sign: SignOnline | undefined;

  constructor(sign: SignOnline | undefined) {
    this.#sign = sign;
  }

  /**
   * Adds the NSEC of the name: that it has the types of `wildcard`, or where that is {@link NONE}, that it does not exist. Whether there was room.
   */
  putNsec(
    reply: Reply,
    zone: CompiledZone,
    { name, wildcard, section }: { name: AskedName; wildcard: number; section: number },
  ): boolean {
    if (this.#sign === undefined) return this.#leave();
    const owner = name.positions[name.labels] as number;
    const place = { apex: nameAt(reply, reply.apexPosition), ttlSeconds: negativeTtl(zone) };
    const rrset =
      wildcard === NONE
        ? denyName(nameAt(reply, owner), place)
        : denyTypes(nameAt(reply, owner), typesAt(zone, wildcard), place);
    const signatures = this.#sign(place.apex, rrset);
    if (signatures === undefined) return this.#leave();
    const records = [...rrset.data.map(data => recordOf(rrset, data)), ...signaturesOf(rrset, signatures)];
    return putRecords(reply, records, { owner, section });
  }

  /**
   * RFC 9824 §3.3: the RRset that a wildcard gave, which stands in the answer from `start` on, is signed as if its name itself had it; then
   * there is no closer name to be denied. Whether there was room.
   */
  signExpanded(reply: Reply, start: number, name: AskedName): boolean {
    if (this.#sign === undefined) return this.#leave();
    const rrset = rrsetFrom(reply, start);
    const signatures = this.#sign(nameAt(reply, reply.apexPosition), rrset);
    if (signatures === undefined) return this.#leave();
    const owner = name.positions[name.labels] as number;
    return putRecords(reply, signaturesOf(rrset, signatures), { owner, section: SECTION.ANSWER });
  }

  #leave(): boolean {
    this.isComplete = false;
    return true;
  }
}

/** RFC 9077 §3: that of the SOA in negative answers. */
function negativeTtl(zone: CompiledZone): number {
  return zone.heapView.getUint32(zone.recordsAt(zone.negativeSoa) + 6);
}

function typesAt(zone: CompiledZone, node: number): number[] {
  const types: number[] = [];
  let block = zone.firstBlock(node);
  for (let left = zone.blockCount(node); left > 0; left--) {
    types.push(zone.half(block, BLOCK.TYPE));
    block = zone.nextBlock(block);
  }
  return types;
}

function nameAt(reply: Reply, position: number): Name {
  const read = decodeName(messageOf(reply), position);
  assert(read.ok, 'names of a reply are well-formed');
  return read.value.name;
}

function messageOf({ bytes, start }: Reply): Uint8Array {
  return start === 0 ? bytes : bytes.subarray(start);
}

/** The RRset whose records stand from `start` to where the reply ends now. */
function rrsetFrom(reply: Reply, start: number): RRset {
  const message = messageOf(reply);
  const type = reply.get16(start + 2);
  const data: Uint8Array[] = [];
  for (let at = start; at < reply.position;) {
    const end = at + RECORD_BYTES + reply.get16(at + RECORD_BYTES - 2);
    const read = dataFromMessage(message, type, at + RECORD_BYTES, end);
    assert(read.ok, 'records of a zone are well-formed');
    data.push(read.value);
    at = end;
  }
  return { owner: nameAt(reply, start), type, ttlSeconds: ttlAt(reply, start), data };
}

function ttlAt(reply: Reply, record: number): number {
  return reply.get16(record + 6) * 0x1_0000 + reply.get16(record + 8);
}

interface MadeRecord {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly data: Uint8Array;
}

function recordOf({ type, ttlSeconds }: RRset, data: Uint8Array): MadeRecord {
  return { type, ttlSeconds, data };
}

/** RFC 4034 §3: with the TTL of what they cover. */
function signaturesOf({ ttlSeconds }: RRset, signatures: readonly Uint8Array[]): MadeRecord[] {
  return signatures.map(data => ({ type: TYPE.RRSIG, ttlSeconds, data }));
}

/** All of them or none; `owner` is where their name stands. */
function putRecords(
  reply: Reply,
  records: readonly MadeRecord[],
  { owner, section }: { readonly owner: number; readonly section: number },
): boolean {
  const bytes = records.reduce((sum, { data }) => sum + RECORD_BYTES + data.length, 0);
  if (reply.position + bytes > reply.limit) return false;
  for (const { type, ttlSeconds, data } of records) {
    const at = reply.position;
    reply.setPointer(at, owner);
    reply.set16(at + 2, type);
    reply.set16(at + 4, CLASS_IN);
    reply.set32(at + 6, ttlSeconds);
    reply.set16(at + RECORD_BYTES - 2, data.length);
    reply.position = at + RECORD_BYTES;
    reply.copy(data, 0, data.length);
  }
  reply.add(section, records.length);
  return true;
}
