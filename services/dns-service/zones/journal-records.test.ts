import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes } from '../../../shared/base/bytes.ts';
import { randomZone } from '../../../shared/protocols/dns/answer/testing/random-zone.ts';
import { differenceOf } from '../../../shared/protocols/dns/changes/difference.ts';
import { decodeJournal, encodeJournalRecord, type JournalRecord } from './journal-records.ts';

const kept = { serial: 0xffff_fff0, atMs: 1_795_000_000_123 };
const record: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.constant<JournalRecord>({ kind: 'version', kept }),
  randomZone.map<JournalRecord>(({ rrsets }) => ({ kind: 'beginning', rrsets: [...rrsets] })),
  fc.tuple(randomZone, randomZone).map<JournalRecord>(([before, after]) => {
    return { kind: 'version', kept, difference: differenceOf(before, after) };
  }),
);
const journal = fc.array(record, { maxLength: 4 });

describe('a journal', () => {
  it('is read as it was written, without a torn end', () => {
    fc.assert(
      fc.property(journal, fc.nat(), fc.boolean(), (records, cut, zeros) => {
        const encoded = records.map(encodeJournalRecord);
        const whole = concatBytes(encoded);
        expect(decodeJournal(whole)).toEqual({ ok: true, value: { records, wholeBytes: whole.length } });
        const last = encoded.at(-1)?.length ?? 0;
        const torn = whole.slice(0, whole.length - (last === 0 ? 0 : 1 + (cut % last)));
        const found = concatBytes([torn, new Uint8Array(zeros ? last : 0)]);
        // Where it was zeros that were torn off, zeros make it whole again.
        fc.pre(!equalBytes(found.subarray(0, whole.length), whole) || last === 0);
        const { length } = concatBytes(encoded.slice(0, -1));
        const kept = { records: records.slice(0, -1), wholeBytes: length };
        expect(decodeJournal(found)).toEqual({ ok: true, value: kept });
      }),
      { numRuns: 100 },
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        decodeJournal(bytes);
      }),
    );
  });
});
