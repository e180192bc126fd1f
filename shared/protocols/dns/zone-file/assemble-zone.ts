import { formatAbsoluteName } from '../absolute-name.ts';
import { TYPE } from '../message.ts';
import type { Name } from '../name.ts';
import { formatType } from '../record-types/mnemonics.ts';
import { RRsetPacker } from '../packed/rrset-packer.ts';
import { canonicalData } from '../record-types/wire.ts';
import { compareData, type RRset, type Zone } from '../rrset.ts';
import { canonicalKey } from './canonical-key.ts';
import type { FaultList, Place } from './fault.ts';
import type { ZoneFileSink } from './parse-zone-file.ts';
import type { ZoneRecord } from './record-entry.ts';

/** A zone with the place of each of its RRsets' first record, in their order. */
export interface PlacedZone {
  readonly zone: Zone;
  readonly places: readonly Place[];
}

/** An RRset as it grows. */
interface Draft extends Omit<RRset, 'data'>, Place {
  readonly data: Uint8Array[];
  /** The canonical forms, where there are more than {@link FEW} records. */
  seen: Set<string> | undefined;
}

/** Gathers records into RRsets and these into canonical order. */
export class ZoneAssembler implements ZoneFileSink {
  readonly faults: FaultList;
  readonly #apex: Name;
  readonly #apexKey: string;
  readonly #drafts = new Map<string, Draft[]>();
  /** Those of the last record's owner: records of one name stand together. */
  #last: { readonly owner: Name; readonly drafts: Draft[] } | undefined;

  constructor(apex: Name, faults: FaultList) {
    this.#apex = apex;
    this.#apexKey = canonicalKey(apex);
    this.faults = faults;
  }

  add(record: ZoneRecord, place: Place): void {
    const drafts = this.#draftsAt(record.owner);
    if (drafts === undefined)
      return this.faults.error(
        place,
        'RFC 1035 §5.2',
        `${formatAbsoluteName(record.owner)} is outside the zone ${formatAbsoluteName(this.#apex)}`,
      );
    const draft = drafts.find(each => isSameSet(each, record));
    if (draft === undefined) {
      const { owner, type, ttlSeconds, data } = record;
      drafts.push({ owner, type, ttlSeconds, data: [data], seen: undefined, ...place });
    } else this.#addTo(draft, record, place);
  }

  #draftsAt(owner: Name): Draft[] | undefined {
    if (this.#last?.owner === owner) return this.#last.drafts;
    const key = canonicalKey(owner);
    if (!key.startsWith(this.#apexKey)) return undefined;
    let drafts = this.#drafts.get(key);
    if (drafts === undefined) {
      drafts = [];
      this.#drafts.set(key, drafts);
    }
    this.#last = { owner, drafts };
    return drafts;
  }

  #addTo(draft: Draft, { owner, type, ttlSeconds, data }: ZoneRecord, place: Place): void {
    const say = (): string => `${formatAbsoluteName(owner)} ${formatType(type)}`;
    // RFC 2181 §5.2: the TTLs of all records in an RRset are the same.
    if (ttlSeconds !== draft.ttlSeconds)
      this.faults.error(
        place,
        'RFC 2181 §5.2',
        `${say()} has the TTL ${ttlSeconds} here and ${draft.ttlSeconds} in ${draft.file}:${draft.line}; they must be the same`,
      );
    // RFC 2181 §5: no two records of an RRset are the same. PowerDNS refuses the second, others drop it without a word.
    if (isInDraft(draft, data))
      this.faults.error(place, 'RFC 2181 §5', `the same record of ${say()} stands here a second time`);
    else draft.data.push(data);
  }

  finish(): PlacedZone {
    const packer = new RRsetPacker({ apex: this.#apex, isSigned: false });
    const places: Place[] = [];
    for (const key of [...this.#drafts.keys()].sort())
      for (const draft of (this.#drafts.get(key) as Draft[]).sort((left, right) => left.type - right.type)) {
        const { owner, type, ttlSeconds, data, file, line } = draft;
        packer.add({ owner, type, ttlSeconds, data });
        places.push({ file, line });
      }
    return { zone: { apex: this.#apex, rrsets: packer.finish() }, places };
  }
}

/** RFC 4034 §3: an RRSIG has the TTL of what it covers, so that those of another covered type are another set. */
function isSameSet(draft: Draft, { type, data }: ZoneRecord): boolean {
  if (draft.type !== type) return false;
  const [first] = draft.data;
  return type !== TYPE.RRSIG || (first?.[0] === data[0] && first?.[1] === data[1]);
}

/** So many records are compared one by one; of more, a set is kept. */
const FEW = 8;

function isInDraft(draft: Draft, data: Uint8Array): boolean {
  const { type } = draft;
  if (draft.data.length < FEW)
    return draft.data.some(one => one.length === data.length && compareData(type, one, data) === 0);
  draft.seen ??= new Set(draft.data.map(one => canonicalData(type, one).toHex()));
  const key = canonicalData(type, data).toHex();
  const isThere = draft.seen.has(key);
  draft.seen.add(key);
  return isThere;
}
