import { viewOf } from '../../../base/bytes.ts';
import { CLASS_IN, FLAG, TYPE, type Message, type ResourceRecord } from '../message.ts';
import { equalNames, type Name } from '../name.ts';
import { canonicalData, dataFromMessage } from '../record-types/wire.ts';
import type { SignedRRset } from '../dnssec/signed-zone.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';

/** A message as sets of records with their signatures. What is not of class IN or malformed is left out. */
export interface Reply {
  readonly rcode: number;
  readonly isAuthoritative: boolean;
  readonly answers: readonly SignedRRset[];
  readonly authorities: readonly SignedRRset[];
  readonly additionals: readonly SignedRRset[];
  /** Of the message, as a measure of what keeping it takes. */
  readonly bytes: number;
}

export function readReply(message: Message): Reply {
  return {
    rcode: message.rcode,
    isAuthoritative: (message.flags & FLAG.AA) !== 0,
    answers: gather(message, message.answers),
    authorities: gather(message, message.authorities),
    additionals: gather(message, message.additionals),
    bytes: message.bytes.length,
  };
}

export function findRRset(
  section: readonly SignedRRset[],
  owner: Name,
  type: number,
): SignedRRset | undefined {
  return section.find(rrset => rrset.type === type && equalNames(rrset.owner, owner));
}

interface Gathered {
  readonly owner: Name;
  readonly type: number;
  ttlSeconds: number;
  readonly data: Uint8Array[];
  /** In canonical form, as text: a message may have thousands of records of one set. */
  readonly seen: Set<string>;
  readonly signatures: Uint8Array[];
}

function gather(message: Message, records: readonly ResourceRecord[]): SignedRRset[] {
  const sets = new Map<string, Gathered>();
  const signatures: { readonly key: string; readonly data: Uint8Array }[] = [];
  for (const record of records) {
    const { type, dataStart, dataEnd } = record;
    if (record.class !== CLASS_IN || type === TYPE.OPT) continue;
    const read = dataFromMessage(message.bytes, type, dataStart, dataEnd);
    if (!read.ok) continue;
    const name = canonicalKey(record.name);
    if (type === TYPE.RRSIG)
      signatures.push({ key: `${viewOf(read.value).getUint16(0)} ${name}`, data: read.value });
    else add(sets, `${type} ${name}`, record, read.value);
  }
  for (const { key, data } of signatures) sets.get(key)?.signatures.push(data);
  return Array.from(sets.values(), ({ owner, type, ttlSeconds, data, signatures: made }) => ({
    owner,
    type,
    ttlSeconds,
    data,
    signatures: made,
  }));
}

function add(
  sets: Map<string, Gathered>,
  key: string,
  { name, type, ttlSeconds: ttl }: ResourceRecord,
  data: Uint8Array,
): void {
  // RFC 2181 §8: a TTL with the top bit set is treated as zero.
  const ttlSeconds = ttl > 0x7fff_ffff ? 0 : ttl;
  const known = sets.get(key);
  if (known === undefined) {
    const seen = new Set([canonicalData(type, data).toHex()]);
    sets.set(key, { owner: name, type, ttlSeconds, data: [data], seen, signatures: [] });
    return;
  }
  // RFC 2181 §5.2: where the TTLs of a set differ, the lowest holds; §5: a record stands once.
  known.ttlSeconds = Math.min(known.ttlSeconds, ttlSeconds);
  const text = canonicalData(type, data).toHex();
  if (known.seen.has(text)) return;
  known.seen.add(text);
  known.data.push(data);
}
