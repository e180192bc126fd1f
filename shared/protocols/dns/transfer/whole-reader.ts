import { err, ok, type Result } from '../../../base/result.ts';
import { formatAbsoluteName } from '../absolute-name.ts';
import { TYPE } from '../message.ts';
import { equalNames, type Name } from '../name.ts';
import { ZoneAssembler } from '../zone-file/assemble-zone.ts';
import { FaultList } from '../zone-file/fault.ts';
import type { ZoneRecord } from '../zone-file/record-entry.ts';
import { isSameSoa, type Transferred } from './transferred.ts';

/** A whole zone: RFC 5936 §2.2. */
export class WholeReader {
  readonly #apex: Name;
  readonly #soa: ZoneRecord;
  // RFC 2181 §5: what primaries are lax about (a record twice, TTLs that differ) is put right: first come. Names of elsewhere stay out.
  readonly #assembler: ZoneAssembler;
  #hasServers = false;

  constructor(apex: Name, soa: ZoneRecord) {
    this.#apex = apex;
    this.#soa = soa;
    this.#assembler = new ZoneAssembler(apex, new FaultList());
    this.#assembler.add(soa, { file: formatAbsoluteName(apex), line: 0 });
  }

  take(record: ZoneRecord): Result<'more' | Transferred, string> {
    if (record.type !== TYPE.SOA) {
      this.#hasServers ||= record.type === TYPE.NS && equalNames(record.owner, this.#apex);
      this.#assembler.add(record, { file: formatAbsoluteName(this.#apex), line: 0 });
      return ok('more');
    }
    // RFC 5936 §2.2: the last record is the first one again.
    if (!isSameSoa(record, this.#soa)) return err('the zone changed while it was transferred');
    if (!this.#hasServers) return err('the zone has no NS record at its own name');
    return ok({ kind: 'whole', zone: this.#assembler.finish().zone });
  }
}
