import type { ZoneDifference } from '../changes/difference.ts';
import type { SignedRRset, SignedZone } from '../dnssec/signed-zone.ts';
import type { RecordToEncode } from '../encode-message.ts';
import { CLASS_IN, TYPE } from '../message.ts';
import { soaOf } from '../rrset-list.ts';
import type { RRset, Zone } from '../rrset.ts';

/** RFC 5936 §2.2: the SOA first and last, all others between, each once. */
export function* axfrRecords(zone: Zone | SignedZone): Generator<RecordToEncode> {
  const soa = soaOf(zone);
  yield* recordsOf({ ...soa, signatures: [] });
  for (const rrset of zone.rrsets)
    if (rrset.type === TYPE.SOA) yield* signaturesOf(rrset);
    else yield* recordsOf(rrset);
  yield* recordsOf({ ...soa, signatures: [] });
}

/** RFC 1995 §4: the newest SOA first and last; between, each difference's removed and added records, an SOA before each. */
export function* ixfrRecords(
  zone: Zone | SignedZone,
  differences: readonly ZoneDifference[],
): Generator<RecordToEncode> {
  const soa = { ...soaOf(zone), signatures: [] };
  yield* recordsOf(soa);
  // RFC 1995 §2: to who has the newest version, its SOA alone.
  if (differences.length === 0) return;
  for (const { removed, added } of differences) {
    for (const rrset of removed) yield* recordsOf(rrset);
    for (const rrset of added) yield* recordsOf(rrset);
  }
  yield* recordsOf(soa);
}

function* recordsOf(rrset: RRset | SignedRRset): Generator<RecordToEncode> {
  const { owner: name, type, ttlSeconds } = rrset;
  for (const data of rrset.data) yield { name, type, class: CLASS_IN, ttlSeconds, data };
  yield* signaturesOf(rrset);
}

function* signaturesOf(rrset: RRset | SignedRRset): Generator<RecordToEncode> {
  const { owner: name, ttlSeconds } = rrset;
  for (const data of 'signatures' in rrset ? rrset.signatures : [])
    yield { name, type: TYPE.RRSIG, class: CLASS_IN, ttlSeconds, data };
}
