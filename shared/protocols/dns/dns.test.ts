import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHex, parseHex } from '../../base/bytes.ts';
import type { RecordType } from '../../devices/resolver.ts';
import { encodeQuery } from './encode-message.ts';
import { decodeMessage, FLAG, TYPE, type Message } from './message.ts';
import { decodeName, encodeName, equalNames, formatName, nameBytes, parseName, type Name } from './name.ts';
import { decodeRecordData } from './record-data.ts';
import { answersQuery, readAnswer } from './stub-answer.ts';

const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
const name: fc.Arbitrary<Name> = fc.array(label, { maxLength: 4 }).filter(labels => nameBytes(labels) <= 255);

function named(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('a domain name', () => {
  it('comes back from its wire form', () => {
    fc.assert(
      fc.property(name, labels => {
        const bytes = new Uint8Array(nameBytes(labels));
        expect(encodeName(labels, bytes, 0)).toBe(bytes.length);
        expect(decodeName(bytes, 0)).toEqual({ ok: true, value: { name: labels, end: bytes.length } });
      }),
    );
  });

  it('comes back from its text, whatever bytes it has', () => {
    fc.assert(fc.property(name, labels => equalNames(named(formatName(labels)), labels)));
  });

  it('is equal to itself in other letters (RFC 4343 §3)', () => {
    expect(equalNames(named('Example.COM'), named('eXAMPLE.com.'))).toBe(true);
    expect(equalNames(named('a.example'), named('b.example'))).toBe(false);
    expect(equalNames([Uint8Array.of(0x5b)], [Uint8Array.of(0x7b)])).toBe(false);
  });

  it('is refused where RFC 1035 §2.3.4 does not allow it', () => {
    expect(parseName(`${'a'.repeat(64)}.test`).ok).toBe(false);
    expect(parseName(`${'a'.repeat(63)}.`.repeat(4)).ok).toBe(false);
    for (const text of ['a..b', '.a', 'a\\', 'a\\999', 'ä.test', 'a b'])
      expect(parseName(text).ok).toBe(false);
  });

  it('follows pointers backwards only, so that none goes round (RFC 1035 §4.1.4)', () => {
    const message = Uint8Array.of(1, 0x61, 0, 1, 0x62, 0xc0, 0, 0xc0, 7, 0xc0, 12, 0xc0, 9);
    expect(decodeName(message, 3)).toEqual({ ok: true, value: { name: named('b.a'), end: 7 } });
    expect(decodeName(message, 7).ok).toBe(false);
    expect(decodeName(message, 9).ok).toBe(false);
  });
});

/** The answer of RFC 1035's form to 'example.com A': an alias to www.example.com, and its address. */
const answerBytes = parseHex(
  [
    '123481800001000200000000',
    '076578616d706c6503636f6d0000010001',
    'c00c000500010000012c000603777777c00c',
    'c029000100010000003c0004c0000201',
  ].join(''),
)!;

function decoded(bytes: Uint8Array): Message {
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.error);
  return message.value;
}

describe('a message', () => {
  it('is decoded with its compressed names', () => {
    const message = decoded(answerBytes);
    expect(message.id).toBe(0x1234);
    expect(message.flags & FLAG.QR).not.toBe(0);
    expect(message.answers.map(record => [formatName(record.name), record.type, record.ttlSeconds])).toEqual([
      ['example.com', TYPE.CNAME, 300],
      ['www.example.com', TYPE.A, 60],
    ]);
  });

  it('answers the query with the same id and question, and no other (RFC 5452 §9.1)', () => {
    const question = { name: named('EXAMPLE.com'), type: TYPE.A, class: 1 };
    const message = decoded(answerBytes);
    expect(answersQuery(message, 0x1234, question)).toBe(true);
    expect(answersQuery(message, 0x1235, question)).toBe(false);
    expect(answersQuery(message, 0x1234, { ...question, type: TYPE.AAAA })).toBe(false);
    expect(answersQuery(message, 0x1234, { ...question, name: named('example.org') })).toBe(false);
    expect(answersQuery({ ...message, flags: 0 }, 0x1234, question)).toBe(false);
  });

  it('gives the records at the end of the aliases, and the least of their TTLs', () => {
    const read = readAnswer(decoded(answerBytes), { name: named('example.com'), type: 'A' }, false);
    const expected = { records: ['192.0.2.1'], exists: true, secure: false, ttlSeconds: 60 };
    expect(read).toEqual({ ok: true, value: expected });
  });

  it('never throws on any bytes', () => {
    const types: RecordType[] = ['A', 'AAAA', 'NS', 'CNAME', 'PTR', 'MX', 'TXT', 'SRV', 'CAA', 'TLSA', 'DS'];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (noise, at) => {
        const bytes = Uint8Array.from(answerBytes);
        bytes.set(noise.subarray(0, 8), at % (bytes.length - 8));
        for (const candidate of [noise, bytes]) {
          const message = decodeMessage(candidate);
          if (!message.ok) continue;
          readAnswer(message.value, { name: named('example.com'), type: 'A' }, true);
          for (const record of message.value.answers)
            for (const type of types) decodeRecordData(message.value, record, type);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is made of a query in exactly these bytes', () => {
    const question = { name: named('example.com'), type: TYPE.A, class: 1 };
    const asked = '076578616d706c6503636f6d0000010001';
    expect(formatHex(encodeQuery({ id: 0x1234, question }))).toBe(`123401000001000000000000${asked}`);
    expect(
      formatHex(encodeQuery({ id: 0x1234, question, udpPayloadBytes: 1_232, authenticData: true })),
    ).toBe(`123401200001000000000001${asked}00002904d0000000000000`);
  });

  it('is made of a query, which is read back', () => {
    fc.assert(
      fc.property(name, fc.integer({ min: 0, max: 0xffff }), fc.boolean(), (owner, id, edns) => {
        const question = { name: owner, type: TYPE.MX, class: 1 };
        const query = encodeQuery({ id, question, ...(edns ? { udpPayloadBytes: 1_232 } : {}) });
        const message = decoded(query);
        expect(message.questions).toEqual([question]);
        expect(message.id).toBe(id);
        expect(message.additionals.map(({ type, class: size }) => [type, size])).toEqual(
          edns ? [[TYPE.OPT, 1_232]] : [],
        );
      }),
    );
  });
});
