import { err, ok, type Result } from '../../../base/result.ts';
import type { ZoneDifference } from '../changes/difference.ts';
import { coveredType } from '../changes/rrset-identity.ts';
import { TYPE } from '../message.ts';
import type { RRset } from '../rrset.ts';
import { isLaterSerial, soaTimesOf } from '../serial.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';
import type { ZoneRecord } from '../zone-file/record-entry.ts';
import { isSameSoa, type Transferred } from './transferred.ts';

/** RRsets as they come together, in the order of their first records. */
type Growing = Map<string, RRset & { readonly data: Uint8Array[] }>;

/** What changed, version by version: RFC 1995 §4. */
export class DifferenceReader {
  readonly #newest: ZoneRecord;
  readonly #differences: { readonly removed: Growing; readonly added: Growing }[] = [];
  #side: 'removed' | 'added' = 'added';
  /** Of the SOA that stands last. */
  #serial: number | undefined;

  constructor(newest: ZoneRecord) {
    this.#newest = newest;
  }

  take(record: ZoneRecord): Result<'more' | Transferred, string> {
    if (record.type !== TYPE.SOA) this.#add(record);
    else if (this.#isEnd(record)) return ok(this.#finish());
    else if (!this.#turn(record)) return err('the serials of the differences are not in order');
    return ok('more');
  }

  #isEnd(soa: ZoneRecord): boolean {
    const hasArrived = this.#side === 'added' && this.#serial === serialOf(this.#newest);
    return hasArrived && isSameSoa(soa, this.#newest);
  }

  /** RFC 1995 §4: an SOA ends what is removed, and begins what is added; the next one the other way. */
  #turn(soa: ZoneRecord): boolean {
    const serial = serialOf(soa);
    const isRemoval = this.#side === 'added';
    const isInOrder =
      this.#serial === undefined ||
      (isRemoval ? serial === this.#serial : isLaterSerial(serial, this.#serial));
    if (!isInOrder || isLaterSerial(serial, serialOf(this.#newest))) return false;
    if (isRemoval) this.#differences.push({ removed: new Map(), added: new Map() });
    this.#side = isRemoval ? 'removed' : 'added';
    this.#serial = serial;
    this.#add(soa);
    return true;
  }

  #add({ owner, type, ttlSeconds, data }: ZoneRecord): void {
    const growing = this.#differences.at(-1)?.[this.#side];
    const key = `${type} ${coveredType({ type, data: [data] })} ${canonicalKey(owner)}`;
    const rrset = growing?.get(key);
    if (rrset === undefined) growing?.set(key, { owner, type, ttlSeconds, data: [data] });
    else rrset.data.push(data);
  }

  #finish(): Transferred {
    const differences = this.#differences.map(({ removed, added }): ZoneDifference => ({
      removed: [...removed.values()],
      added: [...added.values()],
    }));
    return { kind: 'differences', differences };
  }
}

function serialOf({ data }: ZoneRecord): number {
  return soaTimesOf(data).serial;
}
