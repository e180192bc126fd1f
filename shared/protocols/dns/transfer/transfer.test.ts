import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../../../base/bytes.ts';
import { APEX, randomZone } from '../answer/testing/random-zone.ts';
import { differenceOf, type ZoneDifference } from '../changes/difference.ts';
import type { RecordToEncode } from '../encode-message.ts';
import { decodeMessage, FLAG, RCODE, TYPE, type Message } from '../message.ts';
import type { RRset, Zone } from '../rrset.ts';
import { soaTimesOf } from '../serial.ts';
import { packMessages } from './pack-messages.ts';
import { soaOf } from '../rrset-list.ts';
import { axfrRecords, ixfrRecords } from './transfer-records.ts';
import { TransferReader, type TransferOptions } from './transfer-reader.ts';
import { encodeTransferRequest, transferQuestion } from './transfer-request.ts';
import type { Transferred } from './transferred.ts';

const ID = 0x1234;
const question = transferQuestion(APEX);

function withSerial(zone: Zone, serial: number): Zone {
  const rrsets = [...zone.rrsets].map((rrset): RRset => {
    if (rrset.type !== TYPE.SOA) return rrset;
    const data = rrset.data[0]!.slice();
    viewOf(data).setUint32(data.length - 20, serial);
    return { ...rrset, data: [data] };
  });
  return { apex: zone.apex, rrsets };
}

function pack(records: Iterable<RecordToEncode>, bytesMax = 65_535): Uint8Array[] {
  return [...packMessages(records, { id: ID, question, bytesMax })];
}

function read(messages: readonly Uint8Array[], options: Partial<TransferOptions> = {}) {
  const reader = new TransferReader({ id: ID, apex: APEX, bytesMax: 1_000_000, ...options });
  let last: ReturnType<TransferReader['take']> = { ok: true, value: 'more' };
  for (const message of messages) {
    last = reader.take(message);
    if (!last.ok) break;
  }
  return last;
}

function decoded(bytes: Uint8Array): Message {
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.error);
  return message.value;
}

function wholeOf(outcome: ReturnType<typeof read>): Zone {
  if (!outcome.ok || outcome.value === 'more' || outcome.value.kind !== 'whole') throw new Error('no zone');
  return outcome.value.zone;
}

const messageSize = fc.constantFrom(512, 700, 65_535);
const sample = fc.sample(randomZone, { numRuns: 20, seed: 7 }).at(-1)!;

describe('a transfer of a whole zone (RFC 5936)', () => {
  it('brings the zone as it is, in messages of any size', () => {
    fc.assert(
      fc.property(randomZone, messageSize, (zone, bytesMax) => {
        const messages = pack(axfrRecords(zone), bytesMax);
        expect(Math.max(...messages.map(({ length }) => length))).toBeLessThanOrEqual(bytesMax);
        expect(differenceOf(zone, wholeOf(read(messages)))).toEqual({ removed: [], added: [] });
      }),
      { numRuns: 100 },
    );
  });

  it('has the question in its first message only, and AA in all', () => {
    const messages = pack(axfrRecords(sample), 150).map(decoded);
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.map(({ questions }) => questions.length)).toEqual(
      messages.map((_, at) => (at === 0 ? 1 : 0)),
    );
    expect(messages.every(({ flags }) => flags === (FLAG.QR | FLAG.AA))).toBe(true);
  });

  it('changes nothing where it stops half-way', () => {
    const messages = pack(axfrRecords(sample), 150);
    expect(read(messages.slice(0, -1))).toEqual({ ok: true, value: 'more' });
  });

  const soa = [...axfrRecords(sample)][0]!;
  it.each([
    [
      'ends with another serial',
      pack(
        [...axfrRecords(sample)].toSpliced(-1, 1, { ...soa, data: soa.data.with(soa.data.length - 17, 9) }),
      ),
    ],
    ['begins with another record', pack([...axfrRecords(sample)].slice(1))],
    ['goes on after its end', pack([...axfrRecords(sample), soa])],
    ['has no name servers', pack([soa, { ...soa, type: TYPE.A, data: Uint8Array.of(1, 2, 3, 4) }, soa])],
    ['has data that is malformed', pack([soa, { ...soa, type: TYPE.A, data: Uint8Array.of(1) }, soa])],
    ['has a record of another class', pack([soa, { ...soa, type: TYPE.A, class: 3 }, soa])],
    ['is the answer to another question', pack(axfrRecords(sample)).map(bytes => bytes.with(1, 0x35))],
    ['is refused', pack(axfrRecords(sample)).map(bytes => bytes.with(3, RCODE.REFUSED))],
  ])('is refused where it %s', (_what, messages) => {
    expect(read(messages).ok).toBe(false);
  });

  it('is refused where it is longer than is taken', () => {
    expect(read(pack(axfrRecords(sample)), { bytesMax: 100 })).toEqual({
      ok: false,
      error: 'the transfer is longer than what is taken',
    });
  });

  it('never throws, whatever becomes of its bytes', () => {
    const [bytes] = pack(axfrRecords(sample));
    fc.assert(
      fc.property(fc.nat(bytes!.length - 1), fc.nat(255), (at, value) => void read([bytes!.with(at, value)])),
      { numRuns: 1_000 },
    );
  });
});

describe('a transfer of what changed (RFC 1995)', () => {
  const versions = fc.array(randomZone, { minLength: 2, maxLength: 4 }).map(zones =>
    // Around the end of the circle (RFC 1982).
    zones.map((zone, at) => withSerial(zone, (0xffff_fffe + at) >>> 0)),
  );
  const differencesOf = (zones: readonly Zone[]): ZoneDifference[] =>
    zones.slice(1).map((zone, at) => differenceOf(zones[at]!, zone));
  const serialOf = (zone: Zone): number => soaTimesOf(soaOf(zone).data[0]!).serial;

  function readIncremental(
    zones: readonly Zone[],
    records: Iterable<RecordToEncode>,
    bytesMax = 512,
  ): Transferred {
    const outcome = read(pack(records, bytesMax), { serial: serialOf(zones[0]!) });
    if (!outcome.ok || outcome.value === 'more') throw new Error(outcome.ok ? 'unfinished' : outcome.error);
    return outcome.value;
  }

  it('brings the differences, in messages of any size', () => {
    fc.assert(
      fc.property(versions, messageSize, (zones, bytesMax) => {
        const differences = differencesOf(zones);
        const records = ixfrRecords(zones.at(-1)!, differences);
        expect(readIncremental(zones, records, bytesMax)).toEqual({ kind: 'differences', differences });
      }),
      { numRuns: 100 },
    );
  });

  it('may be the whole zone', () => {
    const zones = [sample, withSerial(sample, 2)];
    const { kind } = readIncremental(zones, axfrRecords(zones[1]!));
    expect(kind).toBe('whole');
  });

  it('is one SOA to who has the newest version', () => {
    expect(readIncremental([sample], ixfrRecords(sample, []))).toEqual({
      kind: 'current',
    });
  });

  it('may begin with a message that has one SOA alone', () => {
    const zones = [sample, withSerial(sample, 2)];
    const [soa, ...rest] = [...ixfrRecords(zones[1]!, differencesOf(zones))];
    const reader = new TransferReader({ id: ID, apex: APEX, serial: serialOf(sample), bytesMax: 65_535 });
    expect(reader.take(pack([soa!])[0]!)).toEqual({ ok: true, value: 'more' });
    expect(reader.take(pack(rest)[0]!)).toMatchObject({ ok: true, value: { kind: 'differences' } });
  });

  it('is refused where its versions do not follow one another', () => {
    const zones = [1, 2, 3, 4].map(serial => withSerial(sample, serial));
    const [first, second, third] = differencesOf(zones);
    const order = [first!, third!, second!];
    expect(read(pack(ixfrRecords(zones[3]!, order)), { serial: 1 }).ok).toBe(false);
  });

  it('is asked for with the SOA of the version that is there', () => {
    const message = decoded(encodeTransferRequest(ID, APEX, soaOf(sample)));
    expect(message.questions).toEqual([{ ...question, type: TYPE.IXFR }]);
    expect(message.authorities).toMatchObject([{ type: TYPE.SOA, name: APEX }]);
    expect(decoded(encodeTransferRequest(ID, APEX)).questions).toEqual([question]);
  });
});
